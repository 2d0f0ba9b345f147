#include "tunnel/rpc_stream.h"

#include <kj/debug.h>

#include <algorithm>
#include <cstring>

namespace oneping::tunnel {

namespace {

kj::Exception limit_exceeded() {
  return KJ_EXCEPTION(FAILED, "more bytes on the stream than its calls can need");
}

}  // namespace

void RpcStream::feed(Bytes bytes, bool fin) {
  total_received_ += bytes.size();
  if (!over_limit()) received_.insert(received_.end(), bytes.begin(), bytes.end());
  peer_finished_ = peer_finished_ || fin;

  KJ_IF_MAYBE (reader, reader_) {
    if (!reader->done->isWaiting()) {
      reader_ = nullptr;
    } else if (over_limit()) {
      reader->done->reject(limit_exceeded());
      reader_ = nullptr;
    } else if (unread() >= reader->min_bytes || peer_finished_) {
      reader->done->fulfill(take(reader->buffer, reader->max_bytes));
      reader_ = nullptr;
    }
  }
}

void RpcStream::finish() {
  if (finished_ || connection_ == nullptr) return;
  finished_ = true;
  connection_->write(id_, {}, true);
}

kj::Promise<std::size_t> RpcStream::tryRead(void* buffer, std::size_t min_bytes,
                                            std::size_t max_bytes) {
  if (over_limit()) return limit_exceeded();
  auto* bytes = static_cast<kj::byte*>(buffer);
  if (unread() >= min_bytes || peer_finished_) return take(bytes, max_bytes);
  auto waiting = kj::newPromiseAndFulfiller<std::size_t>();
  reader_ = Reader{bytes, min_bytes, max_bytes, kj::mv(waiting.fulfiller)};
  return kj::mv(waiting.promise);
}

kj::Promise<void> RpcStream::write(const void* buffer, std::size_t size) {
  if (connection_ != nullptr && !finished_ && size > 0) {
    connection_->write(id_, {static_cast<const std::uint8_t*>(buffer), size}, false);
  }
  return kj::READY_NOW;
}

kj::Promise<void> RpcStream::write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) {
  for (auto piece : pieces) {
    if (connection_ != nullptr && !finished_ && piece.size() > 0) {
      connection_->write(id_, {piece.begin(), piece.size()}, false);
    }
  }
  return kj::READY_NOW;
}

std::size_t RpcStream::take(kj::byte* buffer, std::size_t max_bytes) {
  const std::size_t taken = std::min(max_bytes, unread());
  if (taken > 0) std::memcpy(buffer, received_.data() + read_, taken);
  read_ += taken;
  if (unread() == 0) {
    received_.clear();
    read_ = 0;
  }
  return taken;
}

}  // namespace oneping::tunnel
