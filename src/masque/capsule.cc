#include "masque/capsule.h"

#include <algorithm>

#include "masque/varint.h"

namespace oneping::masque {

Result<std::optional<Capsule>> CapsuleReader::next(Bytes& bytes) {
  for (;;) {
    switch (state_) {
      case State::head:
        if (!read_head(bytes)) return std::nullopt;
        if (auto begun = begin_value(); !begun) return tl::unexpected(begun.error());
        break;
      case State::value: {
        auto capsule = read_value(bytes);
        return capsule;
      }
      case State::skip: {
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
        bytes = bytes.subspan(n);
        left_ -= n;
        if (left_ > 0) return std::nullopt;
        state_ = State::head;
        break;
      }
    }
  }
}

bool CapsuleReader::read_head(Bytes& bytes) {
  while (!bytes.empty()) {
    head_[head_size_++] = bytes[0];
    bytes = bytes.subspan(1);
    Bytes head(head_, head_size_);
    const auto type = take_varint(head);
    const auto length = type ? take_varint(head) : std::nullopt;
    if (!length) continue;
    head_size_ = 0;
    type_ = *type;
    left_ = *length;
    return true;
  }
  return false;
}

Result<void> CapsuleReader::begin_value() {
  value_.clear();
  state_ = State::skip;
  if (type_ > static_cast<std::uint64_t>(CapsuleType::route_advertisement)) return {};
  if (type_ == static_cast<std::uint64_t>(CapsuleType::datagram)) {
    if (left_ > limits_.max_datagram) {
      ++passed_over_;
      return {};
    }
  } else if (left_ > limits_.max_value) {
    return fail("a capsule of type " + std::to_string(type_) + " with " + std::to_string(left_) +
                " bytes: more than " + std::to_string(limits_.max_value) + " are not taken");
  }
  state_ = State::value;
  return {};
}

std::optional<Capsule> CapsuleReader::read_value(Bytes& bytes) {
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  const Bytes part = bytes.first(n);
  bytes = bytes.subspan(n);
  left_ -= n;
  const bool whole_at_once = left_ == 0 && value_.empty();
  if (!whole_at_once) value_.insert(value_.end(), part.begin(), part.end());
  if (left_ > 0) return std::nullopt;
  state_ = State::head;
  return Capsule{static_cast<CapsuleType>(type_), whole_at_once ? part : Bytes(value_)};
}

void append_capsule(std::vector<std::uint8_t>& to, CapsuleType type, Bytes value) {
  append_varint(to, static_cast<std::uint64_t>(type));
  append_varint(to, value.size());
  to.insert(to.end(), value.begin(), value.end());
}

}  // namespace oneping::masque
