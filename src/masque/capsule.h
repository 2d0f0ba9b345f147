// Capsules (RFC 9297, 3.2): type, length, value, one behind the other on a stream.
//
// The reader takes the stream in pieces of any size. Of the capsules that we know it keeps one
// value at a time, up to a bound; others pass through without being kept, as the RFC asks.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oneping::masque {

// RFC 9297, 3.5 and RFC 9484, 4.7.
enum class CapsuleType : std::uint64_t {
  datagram = 0,
  address_assign = 1,
  address_request = 2,
  route_advertisement = 3,
};

struct Capsule {
  CapsuleType type;
  Bytes value;
};

struct CapsuleLimits {
  std::size_t max_value = 65536;    // longer ones that we know break the stream
  std::size_t max_datagram = 2048;  // longer datagrams are passed over: they may be lost anyway
};

class CapsuleReader {
 public:
  explicit CapsuleReader(CapsuleLimits limits = {}) : limits_(limits) {}

  // Takes bytes off the front of `bytes` up to the end of a capsule that we know, and returns it;
  // its value is good until the next call. Nothing: all bytes are taken, come again with more.
  [[nodiscard]] Result<std::optional<Capsule>> next(Bytes& bytes);

  // Is the stream between two capsules? Only there may it end.
  [[nodiscard]] bool at_boundary() const { return state_ == State::head && head_size_ == 0; }
  // Of datagrams, since the last time.
  [[nodiscard]] std::size_t take_passed_over() { return std::exchange(passed_over_, 0); }

 private:
  enum class State : std::uint8_t { head, value, skip };
  // False when more bytes are needed.
  [[nodiscard]] bool read_head(Bytes& bytes);
  [[nodiscard]] Result<void> begin_value();
  [[nodiscard]] std::optional<Capsule> read_value(Bytes& bytes);

  CapsuleLimits limits_;
  State state_ = State::head;
  std::uint8_t head_[16];  // type and length so far
  std::size_t head_size_ = 0;
  std::uint64_t type_ = 0;
  std::uint64_t left_ = 0;  // bytes of the value to come
  std::vector<std::uint8_t> value_;
  std::size_t passed_over_ = 0;
};

void append_capsule(std::vector<std::uint8_t>& to, CapsuleType type, Bytes value);

}  // namespace oneping::masque
