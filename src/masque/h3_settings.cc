#include "masque/h3_settings.h"

#include "masque/varint.h"

namespace oneping::masque {

namespace {

constexpr std::uint64_t kControlStream = 0x00;    // RFC 9114, 6.2.1
constexpr std::uint64_t kSettingsFrame = 0x04;    // RFC 9114, 7.2.4
constexpr std::uint64_t kGoawayFrame = 0x07;      // RFC 9114, 7.2.6
constexpr std::uint64_t kMaxFieldSection = 0x06;  // RFC 9114, 7.2.4.1
constexpr std::uint64_t kConnectProtocol = 0x08;  // RFC 9220, 3
constexpr std::uint64_t kH3Datagram = 0x33;       // RFC 9297, 2.1.1

void append_frame(std::vector<std::uint8_t>& to, std::uint64_t type, Bytes payload) {
  append_varint(to, type);
  append_varint(to, payload.size());
  to.insert(to.end(), payload.begin(), payload.end());
}

}  // namespace

std::vector<std::uint8_t> control_stream_beginning(const H3Settings& ours,
                                                   std::uint64_t max_field_section) {
  std::vector<std::uint8_t> settings;
  const auto set = [&](std::uint64_t identifier, std::uint64_t value) {
    append_varint(settings, identifier);
    append_varint(settings, value);
  };
  set(kMaxFieldSection, max_field_section);
  if (ours.connect_protocol) set(kConnectProtocol, 1);
  if (ours.datagrams) set(kH3Datagram, 1);
  std::vector<std::uint8_t> stream;
  append_varint(stream, kControlStream);
  append_frame(stream, kSettingsFrame, settings);
  return stream;
}

std::vector<std::uint8_t> goaway_frame(std::uint64_t id) {
  std::vector<std::uint8_t> payload;
  append_varint(payload, id);
  std::vector<std::uint8_t> frame;
  append_frame(frame, kGoawayFrame, payload);
  return frame;
}

SettingsReader::Outcome SettingsReader::read(Bytes bytes) {
  if (ended_) return Outcome::nothing;
  const Outcome outcome = advance(bytes);
  ended_ = outcome != Outcome::more;
  return outcome;
}

SettingsReader::Outcome SettingsReader::advance(Bytes bytes) {
  for (const std::uint8_t byte : bytes) {
    if (expect_ == Expect::identifier || expect_ == Expect::value) {
      if (left_ == 0) return Outcome::nothing;  // the frame ends within a setting
      --left_;
    }
    number_[number_size_++] = byte;
    if (number_size_ < varint_size_by_first_byte(number_[0])) continue;
    Bytes number(number_, number_size_);
    const auto value = take_varint(number);
    number_size_ = 0;
    if (const Outcome outcome = on_number(*value); outcome != Outcome::more) return outcome;
  }
  return Outcome::more;
}

SettingsReader::Outcome SettingsReader::on_number(std::uint64_t number) {
  switch (expect_) {
    case Expect::stream_type:
      if (number != kControlStream) return Outcome::nothing;
      expect_ = Expect::frame_type;
      return Outcome::more;
    case Expect::frame_type:
      if (number != kSettingsFrame) return Outcome::nothing;
      expect_ = Expect::frame_length;
      return Outcome::more;
    case Expect::frame_length:
      left_ = number;
      expect_ = Expect::identifier;
      return left_ == 0 ? Outcome::settings : Outcome::more;
    case Expect::identifier:
      identifier_ = number;
      expect_ = Expect::value;
      return left_ == 0 ? Outcome::nothing : Outcome::more;
    case Expect::value: return on_setting(number);
  }
  return Outcome::nothing;
}

SettingsReader::Outcome SettingsReader::on_setting(std::uint64_t value) {
  expect_ = Expect::identifier;
  const bool is_connect = identifier_ == kConnectProtocol;
  if (is_connect || identifier_ == kH3Datagram) {
    bool& seen = is_connect ? seen_connect_protocol_ : seen_datagrams_;
    if (value > 1 || seen) return Outcome::invalid;
    seen = true;
    (is_connect ? settings_.connect_protocol : settings_.datagrams) = value == 1;
  }
  return left_ == 0 ? Outcome::settings : Outcome::more;
}

}  // namespace oneping::masque
