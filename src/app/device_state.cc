#include "app/device_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/files.h"
#include "io/fd.h"
#include "io/system_error.h"
#include "quic/peer_certificate.h"

namespace oneping {

namespace {

constexpr std::size_t kMaxFile = 1 << 16;
constexpr const char* kAbout = "/device.json";
constexpr const char* kKey = "/key.pem";
constexpr const char* kCertificate = "/certificate.pem";
constexpr const char* kAuthority = "/authority.pem";

Result<void> sync_folder(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return system_failure("syncing folder " + path);
  return {};
}

Result<void> move(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_failure("renaming " + from);
  return {};
}

void remove_tree(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

std::string about_text(const StoredDevice& device) {
  nlohmann::ordered_json json{{"schema", 1},
                              {"edge", device.edge.to_string()},
                              {"device", device.name},
                              {"id", device.id},
                              {"addresses", nlohmann::json::array()}};
  for (const Prefix& prefix : device.addresses) json["addresses"].push_back(prefix.to_string());
  return json.dump(2) + '\n';
}

Result<void> read_about(const std::string& text, StoredDevice& device) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto text_of = [&](const char* field) {
    const auto found = json.is_object() ? json.find(field) : json.end();
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto edge = HostPort::parse(text_of("edge"));
  device.name = text_of("device");
  if (!edge || device.name.empty()) return fail("it does not say which device this is");
  device.edge = *edge;
  if (const auto id = json.find("id"); id != json.end() && id->is_number_integer()) {
    device.id = id->get<std::int64_t>();
  }
  const auto addresses = json.find("addresses");
  if (addresses == json.end() || !addresses->is_array()) return {};
  for (const auto& each : *addresses) {
    const auto prefix = each.is_string() ? Prefix::parse(each.get<std::string>()) : std::nullopt;
    if (prefix) device.addresses.push_back(*prefix);
  }
  return {};
}

}  // namespace

Result<std::string> DeviceState::default_folder() {
  if (::geteuid() == 0) return "/var/lib/oneping/device";
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  // An XDG path that is not absolute is to be ignored (XDG Base Directory Specification).
  if (const auto state = variable("XDG_STATE_HOME"); state.starts_with('/')) {
    return state + "/oneping/device";
  }
  if (const auto home = variable("HOME"); home.starts_with('/')) {
    return home + "/.local/state/oneping/device";
  }
  return fail("HOME is not set: say where the device's state is with --state");
}

bool DeviceState::is_enrolled() const {
  recover();
  return file_exists(identity() + kAbout);
}

Result<StoredDevice> DeviceState::load() const {
  recover();
  if (!file_exists(identity() + kAbout)) {
    if (errno == EACCES) return fail(folder_ + " is not for this user to read");
    return fail("no device is enrolled in " + folder_ +
                ": oneping device enroll --edge HOST --key-file FILE");
  }
  StoredDevice device;
  struct File {
    const char* name;
    std::string* to;
  };
  std::string about;
  for (const File& file : {File{kAbout, &about}, File{kKey, &device.key_pem},
                           File{kCertificate, &device.certificate.leaf},
                           File{kAuthority, &device.certificate.authority}}) {
    auto text = read_file(identity() + file.name, kMaxFile);
    if (!text) return tl::make_unexpected(text.error());
    *file.to = std::move(*text);
  }
  if (auto read = read_about(about, device); !read) {
    return fail("reading " + identity() + kAbout, read.error());
  }
  const auto validity = quic::validity_of(device.certificate.leaf);
  if (!validity) return fail("reading " + identity() + kCertificate, validity.error());
  device.certificate.validity = *validity;
  return device;
}

// Never is there a moment without a whole identity: the new one is on disk before the old one gives
// way, and recover() knows what to do in between.
Result<void> DeviceState::save(const StoredDevice& device) const {
  if (auto made = make_folder(folder_, 0700); !made) return made;
  recover();
  remove_tree(newer());
  if (auto made = make_folder(newer(), 0700); !made) return made;
  struct File {
    const char* name;
    std::string text;
    mode_t mode;
  };
  for (const File& file :
       {File{kKey, device.key_pem, 0600}, File{kCertificate, device.certificate.leaf, 0644},
        File{kAuthority, device.certificate.authority, 0644},
        File{kAbout, about_text(device), 0644}}) {
    auto written = write_file(newer() + file.name, file.text, file.mode, Overwrite::yes);
    if (!written) return written;
  }
  if (auto synced = sync_folder(folder_); !synced) return synced;
  if (file_exists(identity())) {
    remove_tree(older());
    if (auto moved = move(identity(), older()); !moved) return moved;
  }
  if (auto moved = move(newer(), identity()); !moved) return moved;
  remove_tree(older());
  return sync_folder(folder_);
}

void DeviceState::recover() const {
  if (file_exists(identity())) return;
  // The old one had given way, so the new one is whole; or there was none yet, and it may not be.
  if (file_exists(older()) && file_exists(newer())) std::ignore = move(newer(), identity());
}

Result<void> DeviceState::save_certificate(const device::CertificateChain& certificate) const {
  const auto there = read_file(identity() + kCertificate, kMaxFile);
  if (!there) return tl::make_unexpected(there.error());
  const auto old_key = quic::key_pin(*there);
  const auto new_key = quic::key_pin(certificate.leaf);
  if (!old_key || !new_key || *old_key != *new_key) {
    return fail("the device in " + folder_ + " was enrolled again meanwhile");
  }
  return write_file(identity() + kCertificate, certificate.leaf, 0644, Overwrite::yes);
}

}  // namespace oneping
