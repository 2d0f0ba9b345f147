// For tests of the store: a folder for it that goes with the object, files as bytes, and something
// of every kind to keep.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "control/store.h"

namespace oneping::control {

// A test that is not about time on a disk is faster in memory, if there is a place for files.
enum class Medium : std::uint8_t { memory, disk };

class StoreFolder {
 public:
  explicit StoreFolder(Medium medium = Medium::memory) {
    const bool in_memory = medium == Medium::memory && ::access("/dev/shm", W_OK) == 0;
    const std::filesystem::path place =
        in_memory ? "/dev/shm" : std::filesystem::temp_directory_path();
    std::string name = (place / "oneping-store-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~StoreFolder() { std::filesystem::remove_all(path_); }
  StoreFolder(const StoreFolder&) = delete;
  StoreFolder& operator=(const StoreFolder&) = delete;

  [[nodiscard]] std::string path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  // Where the tests keep their store.
  [[nodiscard]] std::string store() const { return *this / "store.db"; }

  // Every file in it, by name: to see that nothing was touched.
  [[nodiscard]] std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> found;
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      found[file.path().filename()] = bytes_of(file.path());
    }
    return found;
  }
  static std::string bytes_of(const std::filesystem::path& path) {
    std::string bytes(std::filesystem::file_size(path), '\0');
    std::ifstream(path, std::ios::binary)
        .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
  }
  static void put(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

 private:
  std::string path_;
};

inline std::unique_ptr<Store> open_or_fail(const std::string& path) {
  auto store = open_sqlite_store(path);
  if (store) return std::move(*store);
  ADD_FAILURE() << store.error().message;
  return nullptr;
}

inline Contents load_or_fail(Store& store) {
  auto contents = store.load();
  if (contents) return *contents;
  ADD_FAILURE() << contents.error().message;
  return {};
}

// What a store of its own refuses it with; empty: it does not.
inline std::string complaint_about(const std::string& path) {
  const auto store = open_sqlite_store(path);
  return store ? "" : store.error().message;
}

inline Timestamp at(std::int64_t milliseconds) {
  return Timestamp(std::chrono::milliseconds(milliseconds));
}

inline AuditEntry entry(std::string action = "test.change", std::string object = "it") {
  return {0, at(1'700'000'000'000), "uid 0 (root)", std::move(action), std::move(object), "{}"};
}

inline std::string failure(const Result<void>& result) {
  return result ? "" : result.error().message;
}

template <std::size_t n>
std::array<std::uint8_t, n> filled(std::uint8_t byte) {
  std::array<std::uint8_t, n> bytes;
  bytes.fill(byte);
  return bytes;
}

// Something of every kind: with every field, and with as few as may be.
inline Contents something_of_everything() {
  Contents all;
  all.vnets = {{1, "default", "it was there", at(10)}, {2, "Zürich", "two\nlines", at(11)}};
  all.tunnels = {
      {3, "office", filled<16>(3), "account", filled<32>(4), filled<32>(5), at(12),
       tunnel::PathMode::single_hop, "comment", at(13), at(14)},
      {4, "empty", filled<16>(0), "", {}, {}, at(0), tunnel::PathMode::full, "", at(0), {}}};
  all.routes = {{5, *Prefix::parse("10.0.0.0/8"), 1, 3, "all of it", at(15)},
                {6, *Prefix::parse("10.0.0.0/8"), 2, 4, "", at(16)},
                {7, *Prefix::parse("2001:db8::/32"), 1, 4, "", at(17)},
                {8, Prefix(), 1, 3, "::/0", at(18)}};
  all.users = {{9, "alice", "who else", at(19)}, {10, "bob@example.com", "", at(20)}};
  all.groups = {{11, "staff", {9, 10}, "they", at(21)}, {12, "nobody", {}, "", at(22)}};
  all.enrolment_keys = {
      {13, "laptops", filled<32>(6), true, at(23), 9, {"laptop", "a"}, 1ull << 62, true, at(24)},
      {14, "once", filled<32>(0), false, {}, {}, {}, 0, false, at(25)}};
  all.devices = {{15,
                  "phone",
                  DeviceKind::enrolled,
                  10,
                  {"b", "a", "b"},
                  2,
                  {*IpAddress::parse("100.96.0.7"), *IpAddress::parse("fd00::7")},
                  filled<32>(7),
                  true,
                  at(26),
                  at(27)},
                 {16, "tun0", DeviceKind::ingress, {}, {}, 1, {}, {}, false, at(28), {}}};
  all.policies = {
      {17,
       2,
       "everything",
       {{SubjectKind::tag, 0, "laptop"},
        {SubjectKind::user, 10, ""},
        {SubjectKind::group, 11, ""},
        {SubjectKind::device, 15, ""}},
       {*Prefix::parse("10.1.0.0/16"), *Prefix::parse("fd00::/8")},
       2,
       Protocol::udp,
       {{53, 53}, {1000, 65535}, {0, 0}},
       at(29),
       at(30),
       Verdict::allow,
       "why",
       at(31)},
      {18, 1, "nothing", {}, {}, {}, {}, {}, {}, {}, Verdict::deny, "", at(32)},
      {19, 3, "icmp", {}, {}, {}, Protocol::icmp, {}, {}, {}, Verdict::deny, "", at(0)}};
  all.api_tokens = {{20, "ci", filled<32>(8), Role::admin, kLastTimestamp, at(33)},
                    {21, "monitor", filled<32>(9), Role::read, {}, at(34)}};
  all.settings.default_verdict = Verdict::deny;
  all.last_id = 21;
  return all;
}

inline std::vector<Change> changes_of(const Contents& contents) {
  std::vector<Change> changes;
  const auto add = [&](const auto& values) {
    changes.insert(changes.end(), values.begin(), values.end());
  };
  // Whoever refers comes before whom he refers to, on purpose.
  add(contents.policies);
  add(contents.api_tokens);
  add(contents.devices);
  add(contents.enrolment_keys);
  add(contents.groups);
  add(contents.users);
  add(contents.routes);
  add(contents.tunnels);
  add(contents.vnets);
  changes.emplace_back(contents.settings);
  return changes;
}

}  // namespace oneping::control
