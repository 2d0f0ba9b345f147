// A fuzz input, read from its start: a script of what is to be done, each step with its arguments.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"

namespace oneping {

class FuzzInput {
 public:
  explicit FuzzInput(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  // Zero when there is none left.
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_[0];
    bytes_ = bytes_.subspan(1);
    return first;
  }
  std::size_t number() { return static_cast<std::size_t>(byte()) << 8 | byte(); }
  // Fewer bytes when there are not as many left.
  Bytes take(std::size_t size) {
    const Bytes taken = bytes_.first(std::min(size, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }

 private:
  Bytes bytes_;
};

}  // namespace oneping
