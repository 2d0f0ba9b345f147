#include "quic/stream_set.h"

#include <algorithm>
#include <cstring>

namespace oneping::quic {

void SendBuffer::append(Bytes bytes) {
  while (!bytes.empty()) {
    if (chunks_.empty() || chunks_.back().size == chunks_.back().capacity) {
      const std::size_t capacity = std::max(kChunk, bytes.size());
      chunks_.push_back({std::make_unique<std::uint8_t[]>(capacity), capacity, 0, end_});
    }
    Chunk& last = chunks_.back();
    const std::size_t n = std::min(bytes.size(), last.capacity - last.size);
    std::memcpy(last.bytes.get() + last.size, bytes.data(), n);
    last.size += n;
    end_ += n;
    bytes = bytes.subspan(n);
  }
}

Bytes SendBuffer::unsent() const {
  for (const Chunk& chunk : chunks_) {
    if (sent_ < chunk.begin + chunk.size) {
      return Bytes(chunk.bytes.get(), chunk.size).subspan(sent_ - chunk.begin);
    }
  }
  return {};
}

void SendBuffer::mark_sent(std::size_t n) { sent_ += n; }

void SendBuffer::acknowledge(std::size_t n) {
  acknowledged_ += n;
  while (!chunks_.empty() && chunks_.front().begin + chunks_.front().size <= acknowledged_) {
    chunks_.pop_front();
  }
}

Stream& StreamSet::add(StreamId id, bool writable) {
  Stream& stream = streams_[id];
  stream.writable = writable;
  return stream;
}

Stream* StreamSet::find(StreamId id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

const Stream* StreamSet::find(StreamId id) const {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

}  // namespace oneping::quic
