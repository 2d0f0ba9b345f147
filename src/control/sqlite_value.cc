#include "control/sqlite_value.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/utf8.h"

namespace oneping::control {

namespace {

constexpr std::string_view kNotUtf8 = "is not UTF-8";
constexpr std::string_view kNoTime = "is not between 1970 and 9999";

// The words for an enumeration's values, in their order.
constexpr std::string_view kVerdicts[] = {"allow", "deny"};
constexpr std::string_view kPathModes[] = {"full", "single-hop"};
constexpr std::string_view kProtocols[] = {"icmp", "udp"};
constexpr std::string_view kDeviceKinds[] = {"ingress", "enrolled"};
constexpr std::string_view kRoles[] = {"read", "admin"};

template <typename Enum, std::size_t n>
void bind_word(SqliteStatement& to, Enum value, const std::string_view (&words)[n]) {
  const auto place = static_cast<std::size_t>(value);
  to.bind(place < n ? words[place] : std::string_view());
}

template <typename Enum, std::size_t n>
void read_word(SqliteStatement& from, Enum& value, const std::string_view (&words)[n]) {
  const auto* found = std::find(std::begin(words), std::end(words), from.text());
  if (found == std::end(words)) return from.refuse("is a word that means nothing here");
  value = static_cast<Enum>(found - words);
}

// Text in its one usual form, so that what is the same is the same text.
template <typename Value>
void read_parsed(SqliteStatement& from, Value& value, std::string_view complaint) {
  const std::string_view text = from.text();
  const auto parsed = Value::parse(text);
  if (!parsed || parsed->to_string() != text) return from.refuse(complaint);
  value = *parsed;
}

template <std::size_t n>
void read_bytes(SqliteStatement& from, std::array<std::uint8_t, n>& bytes) {
  const Bytes blob = from.blob();
  if (blob.size() != n) return from.refuse("has the wrong length");
  std::copy(blob.begin(), blob.end(), bytes.begin());
}

bool is_in_range(Timestamp time) { return time >= kFirstTimestamp && time <= kLastTimestamp; }

}  // namespace

void write(SqliteStatement& to, const std::string& text) {
  to.bind(text);
  if (!is_utf8(text)) to.refuse(kNotUtf8);
}

void read(SqliteStatement& from, std::string& text) {
  text = from.text();
  if (!is_utf8(text)) from.refuse(kNotUtf8);
}

void write(SqliteStatement& to, Timestamp time) {
  to.bind(time.time_since_epoch().count());
  if (!is_in_range(time)) to.refuse(kNoTime);
}

void read(SqliteStatement& from, Timestamp& time) {
  const Timestamp found(std::chrono::milliseconds(from.integer()));
  if (!is_in_range(found)) return from.refuse(kNoTime);
  time = found;
}

void write(SqliteStatement& to, const IpAddress& address) { to.bind(address.to_string()); }
void read(SqliteStatement& from, IpAddress& address) {
  read_parsed(from, address, "is no IP address");
}

void write(SqliteStatement& to, const Prefix& prefix) { to.bind(prefix.to_string()); }
void read(SqliteStatement& from, Prefix& prefix) { read_parsed(from, prefix, "is no prefix"); }

void write(SqliteStatement& to, const Uuid& uuid) { to.bind(Bytes(uuid)); }
void read(SqliteStatement& from, Uuid& uuid) { read_bytes(from, uuid); }

void write(SqliteStatement& to, const SecretHash& hash) { to.bind(Bytes(hash)); }
void read(SqliteStatement& from, SecretHash& hash) { read_bytes(from, hash); }

void write(SqliteStatement& to, Verdict verdict) { bind_word(to, verdict, kVerdicts); }
void read(SqliteStatement& from, Verdict& verdict) { read_word(from, verdict, kVerdicts); }

void write(SqliteStatement& to, tunnel::PathMode mode) { bind_word(to, mode, kPathModes); }
void read(SqliteStatement& from, tunnel::PathMode& mode) { read_word(from, mode, kPathModes); }
void write(SqliteStatement& to, Protocol protocol) { bind_word(to, protocol, kProtocols); }
void read(SqliteStatement& from, Protocol& protocol) { read_word(from, protocol, kProtocols); }

void write(SqliteStatement& to, DeviceKind kind) { bind_word(to, kind, kDeviceKinds); }
void read(SqliteStatement& from, DeviceKind& kind) { read_word(from, kind, kDeviceKinds); }

void write(SqliteStatement& to, Role role) { bind_word(to, role, kRoles); }
void read(SqliteStatement& from, Role& role) { read_word(from, role, kRoles); }

void write(SqliteStatement& to, bool value) { to.bind(std::int64_t{value}); }
void read(SqliteStatement& from, bool& value) {
  const std::int64_t found = from.integer();
  value = found == 1;
  if (found != 0 && found != 1) from.refuse("is neither 0 nor 1");
}

}  // namespace oneping::control
