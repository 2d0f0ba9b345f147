// Builds IP packets for tests, both families, readably:
//
//   const auto ping = PacketBuilder("100.96.0.1", "172.16.10.120").hop_limit(5).echo_request(7, 1);
//   view = IpView::parse(ping.build());       // keep the vector: views refer to it
//
// Lengths and checksums come out right unless a test asks for damage. It shares no code with the
// formats that it tests, but for the parsing of addresses in text.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "test/support/slow_checksum.h"
#include "wire/ip_address.h"

namespace oneping::test {

using ByteVector = std::vector<std::uint8_t>;

// n bytes that count up from `first`: a payload in which a shift or a swap shows.
[[nodiscard]] inline ByteVector pattern(std::size_t n, std::uint8_t first = 0x10) {
  ByteVector bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

[[nodiscard]] inline IpAddress address(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  if (!parsed) throw std::invalid_argument("no address: " + std::string(text));
  return *parsed;
}

class PacketBuilder {
 public:
  // Both of one family, which is the packet's.
  PacketBuilder(std::string_view source, std::string_view destination)
      : PacketBuilder(address(source), address(destination)) {}
  PacketBuilder(const IpAddress& source, const IpAddress& destination)
      : v4_(source.is_v4()), source_(bytes_of(source)), destination_(bytes_of(destination)) {
    if (source.family() != destination.family()) throw std::invalid_argument("two families");
  }

  // The IP header.
  PacketBuilder& hop_limit(int value) { return set(hop_limit_, value); }
  PacketBuilder& traffic_class(int value) { return set(traffic_class_, value); }
  PacketBuilder& identification(int value) { return set(identification_, value); }
  PacketBuilder& dont_fragment() { return set(dont_fragment_, true); }
  // A fragment: the offset in bytes, a multiple of 8. IPv6 gets a fragment header.
  PacketBuilder& fragment(int offset, bool more) {
    is_fragment_ = true;
    more_fragments_ = more;
    return set(fragment_offset_, offset);
  }
  // IPv4 options; a multiple of 4 bytes, at most 40.
  PacketBuilder& options(ByteVector bytes) { return set(options_, std::move(bytes)); }
  // Another IPv6 extension header behind those already there. `body` is what follows its first two
  // bytes, 8 * n + 6 bytes long. `kind` 0 is hop-by-hop, 43 routing, 60 destination options.
  PacketBuilder& extension(std::uint8_t kind, const ByteVector& body = ByteVector(6)) {
    extensions_.push_back({kind, body});
    return *this;
  }

  // The content: one of these, the last one counts.
  PacketBuilder& echo_request(int id, int sequence, const ByteVector& payload = {}) {
    return icmp(v4_ ? 8 : 128, 0, std::int64_t{id} << 16 | sequence, payload);
  }
  PacketBuilder& echo_reply(int id, int sequence, const ByteVector& payload = {}) {
    return icmp(v4_ ? 0 : 129, 0, std::int64_t{id} << 16 | sequence, payload);
  }
  // Any ICMP message; `rest` is bytes 4 to 8 of its header.
  PacketBuilder& icmp(int type, int code, std::int64_t rest, const ByteVector& payload = {}) {
    content_ = {static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code), 0, 0};
    append(content_, rest, 4);
    content_.insert(content_.end(), payload.begin(), payload.end());
    checksum_at_ = 2;
    return set(protocol_, v4_ ? 1 : 58);
  }
  PacketBuilder& udp(int source_port, int destination_port, const ByteVector& payload = {}) {
    ByteVector content;
    append(content, source_port, 2);
    append(content, destination_port, 2);
    append(content, static_cast<std::int64_t>(8 + payload.size()), 2);
    append(content, 0, 2);
    content.insert(content.end(), payload.begin(), payload.end());
    raw(17, std::move(content));
    return set(checksum_at_, 6);
  }
  PacketBuilder& raw(int protocol, ByteVector content) {
    content_ = std::move(content);
    checksum_at_.reset();
    return set(protocol_, protocol);
  }

  // Damage. All other fields stay consistent.
  PacketBuilder& version(int value) { return set(version_, value); }
  PacketBuilder& header_words(int value) { return set(header_words_, value); }  // IPv4 IHL
  // IPv4 total length, IPv6 payload length.
  PacketBuilder& length_field(int value) { return set(length_field_, value); }
  PacketBuilder& break_ip_checksum() { return set(ip_checksum_error_, 1); }
  PacketBuilder& break_icmp_checksum() { return set(checksum_error_, 1); }
  PacketBuilder& break_udp_checksum() { return set(checksum_error_, 1); }
  PacketBuilder& no_udp_checksum() { return set(has_checksum_, false); }

  [[nodiscard]] ByteVector build() const { return v4_ ? build_v4() : build_v6(); }

 private:
  struct Extension {
    std::uint8_t kind;
    ByteVector body;
  };

  template <typename Field, typename Value>
  PacketBuilder& set(Field& field, Value&& value) {
    field = std::forward<Value>(value);
    return *this;
  }

  static ByteVector bytes_of(const IpAddress& address) {
    const Bytes bytes = address.network_bytes();
    return {bytes.begin(), bytes.end()};
  }

  static void append(ByteVector& to, std::int64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) to.push_back(static_cast<std::uint8_t>(value >> 8 * i));
  }

  static void append(ByteVector& to, const ByteVector& bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
  }

  static void put16(ByteVector& to, std::size_t at, int value) {
    to[at] = static_cast<std::uint8_t>(value >> 8);
    to[at + 1] = static_cast<std::uint8_t>(value);
  }

  [[nodiscard]] ByteVector content_with_checksum() const {
    ByteVector content = content_;
    if (!checksum_at_ || !has_checksum_) return content;
    const bool has_pseudo_header = !v4_ || protocol_ != 1;
    int right = has_pseudo_header
                    ? slow_pseudo_checksum(source_, destination_,
                                           static_cast<std::uint8_t>(protocol_), content)
                    : slow_checksum(content);
    if (right == 0 && protocol_ == 17) right = 0xffff;  // RFC 768: zero means none
    put16(content, *checksum_at_, right ^ checksum_error_);
    return content;
  }

  [[nodiscard]] ByteVector build_v4() const {
    const int header_size = 20 + static_cast<int>(options_.size());
    const int total = header_size + static_cast<int>(content_.size());
    const int flags = (dont_fragment_ ? 0x4000 : 0) | (more_fragments_ ? 0x2000 : 0);
    ByteVector packet;
    append(packet, version_.value_or(4) << 4 | header_words_.value_or(header_size / 4), 1);
    append(packet, traffic_class_, 1);
    append(packet, length_field_.value_or(total), 2);
    append(packet, identification_, 2);
    append(packet, flags | fragment_offset_ / 8, 2);
    append(packet, hop_limit_, 1);
    append(packet, protocol_, 1);
    append(packet, 0, 2);
    append(packet, source_);
    append(packet, destination_);
    append(packet, options_);
    put16(packet, 10, slow_checksum(packet) ^ ip_checksum_error_);
    append(packet, content_with_checksum());
    return packet;
  }

  [[nodiscard]] ByteVector build_v6() const {
    std::vector<Extension> headers = extensions_;
    if (is_fragment_) {
      ByteVector body;
      append(body, fragment_offset_ | (more_fragments_ ? 1 : 0), 2);
      append(body, identification_, 4);
      headers.push_back({44, body});
    }
    ByteVector behind;
    for (std::size_t i = 0; i < headers.size(); ++i) {
      append(behind, i + 1 < headers.size() ? headers[i + 1].kind : protocol_, 1);
      append(behind, headers[i].kind == 44 ? 0 : static_cast<int>(headers[i].body.size()) / 8, 1);
      append(behind, headers[i].body);
    }
    append(behind, content_with_checksum());
    ByteVector packet;
    append(packet, std::int64_t{version_.value_or(6)} << 28 | traffic_class_ << 20, 4);
    append(packet, length_field_.value_or(static_cast<int>(behind.size())), 2);
    append(packet, headers.empty() ? protocol_ : headers.front().kind, 1);
    append(packet, hop_limit_, 1);
    append(packet, source_);
    append(packet, destination_);
    append(packet, behind);
    return packet;
  }

  bool v4_;
  ByteVector source_;
  ByteVector destination_;
  int hop_limit_ = 64;
  int traffic_class_ = 0;
  int identification_ = 0;
  bool dont_fragment_ = false;
  bool is_fragment_ = false;
  bool more_fragments_ = false;
  int fragment_offset_ = 0;
  ByteVector options_;
  std::vector<Extension> extensions_;
  int protocol_ = 59;                       // no next header
  std::optional<std::size_t> checksum_at_;  // in the content; nothing: it has none
  bool has_checksum_ = true;
  ByteVector content_;
  std::optional<int> version_;
  std::optional<int> header_words_;
  std::optional<int> length_field_;
  int ip_checksum_error_ = 0;
  int checksum_error_ = 0;
};

}  // namespace oneping::test
