// The streams of a connection and what waits on them to be sent or acknowledged. Streams carry
// control only: few, and small.
//
// ngtcp2 keeps pointers into sent data until the peer acknowledges it, so bytes lie in chunks that
// never move and are freed by acknowledgement alone.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "quic/connection.h"

namespace oneping::quic {

class SendBuffer {
 public:
  void append(Bytes bytes);
  // The contiguous bytes that come next; empty when all are sent.
  [[nodiscard]] Bytes unsent() const;
  void mark_sent(std::size_t n);
  void acknowledge(std::size_t n);

  [[nodiscard]] bool all_sent() const { return sent_ == end_; }
  [[nodiscard]] bool any_sent() const { return sent_ > 0; }
  // Is what unsent() gives the last there is?
  [[nodiscard]] bool is_last(Bytes unsent) const { return sent_ + unsent.size() == end_; }
  [[nodiscard]] std::size_t unacknowledged() const { return end_ - acknowledged_; }

 private:
  static constexpr std::size_t kChunk = 4096;
  struct Chunk {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t capacity;
    std::size_t size;
    std::size_t begin;  // offset in the stream
  };
  std::deque<Chunk> chunks_;
  // Offsets in the stream.
  std::size_t acknowledged_ = 0;
  std::size_t sent_ = 0;
  std::size_t end_ = 0;
};

struct Stream {
  SendBuffer buffer;
  bool writable = false;  // ours to write: not the peer's unidirectional one
  bool fin = false;       // our direction ends after the buffer
  bool fin_sent = false;
  bool blocked = false;                // by flow control, until the next flush
  bool told_closed = false;            // the user has heard on_stream_closed
  std::optional<std::uint64_t> reset;  // to be reset with this code
  bool told_reset = false;             // and ngtcp2 knows

  [[nodiscard]] bool has_unsent() const {
    return writable && !reset && (!buffer.all_sent() || (fin && !fin_sent));
  }
};

class StreamSet {
 public:
  Stream& add(StreamId id, bool writable);
  [[nodiscard]] Stream* find(StreamId id);
  [[nodiscard]] const Stream* find(StreamId id) const;
  void erase(StreamId id) { streams_.erase(id); }

  [[nodiscard]] std::map<StreamId, Stream>& all() { return streams_; }

 private:
  std::map<StreamId, Stream> streams_;
};

}  // namespace oneping::quic
