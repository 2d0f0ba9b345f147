// HTTP/3's control stream as far as nghttp3 does not serve it: what we say there, and what the
// peer's SETTINGS say about CONNECT and datagrams (RFC 9114, 6.2.1 and 7.2.4; RFC 9220, 3; RFC
// 9297, 2.1.1). nghttp3 0.8 knows no datagrams, and tells a client nothing of the server's
// settings.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace oneping::masque {

struct H3Settings {
  bool connect_protocol = false;  // a server takes extended CONNECT
  bool datagrams = false;
  friend bool operator==(const H3Settings&, const H3Settings&) = default;
};

// A control stream's beginning: its type and SETTINGS. Of QPACK we use the static table alone, so
// that no peer can make us keep one, and no stream can wait for another.
[[nodiscard]] std::vector<std::uint8_t> control_stream_beginning(const H3Settings& ours,
                                                                 std::uint64_t max_field_section);
[[nodiscard]] std::vector<std::uint8_t> goaway_frame(std::uint64_t id);

// Reads the beginning of one of the peer's unidirectional streams beside nghttp3, which sees the
// same bytes and judges them: whatever is not its business ends the reading.
class SettingsReader {
 public:
  enum class Outcome : std::uint8_t {
    more,      // bytes are missing
    settings,  // complete: see settings()
    nothing,   // another stream, or broken in a way that nghttp3 reports
    invalid,   // a value that is not allowed, or given twice: H3_SETTINGS_ERROR
  };
  // When it has said something else than `more`, all that follows is `nothing`.
  [[nodiscard]] Outcome read(Bytes bytes);
  [[nodiscard]] const H3Settings& settings() const { return settings_; }

 private:
  enum class Expect : std::uint8_t { stream_type, frame_type, frame_length, identifier, value };
  [[nodiscard]] Outcome advance(Bytes bytes);
  [[nodiscard]] Outcome on_number(std::uint64_t number);
  [[nodiscard]] Outcome on_setting(std::uint64_t value);

  Expect expect_ = Expect::stream_type;
  bool ended_ = false;
  std::uint8_t number_[8];
  std::size_t number_size_ = 0;
  std::uint64_t left_ = 0;  // bytes of the frame to come
  std::uint64_t identifier_ = 0;
  H3Settings settings_;
  bool seen_connect_protocol_ = false;
  bool seen_datagrams_ = false;
};

}  // namespace oneping::masque
