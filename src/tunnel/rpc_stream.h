// One QUIC stream as kj's byte stream: what QUIC delivers is fed in, what kj writes is queued on
// the QUIC connection. Borrows the connection until detach().
//
// The bytes that a stream may bring in its whole life are bounded (a session is a handful of
// calls); past the bound the reader gets an exception, which ends the session.
#pragma once

#include <kj/async-io.h>

#include <cstdint>
#include <vector>

#include "quic/connection.h"

namespace oneping::tunnel {

class RpcStream final : public kj::AsyncIoStream {
 public:
  RpcStream(quic::Connection& connection, quic::StreamId id, std::size_t receive_limit)
      : connection_(&connection), id_(id), receive_limit_(receive_limit) {}

  [[nodiscard]] quic::StreamId id() const { return id_; }

  void feed(Bytes bytes, bool fin);
  void raise_receive_limit(std::size_t limit) { receive_limit_ = limit; }
  // Ends our direction, once.
  void finish();
  // The QUIC connection is gone: later writes go nowhere.
  void detach() { connection_ = nullptr; }

  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t min_bytes,
                                   std::size_t max_bytes) override;
  kj::Promise<void> write(const void* buffer, std::size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;
  kj::Promise<void> whenWriteDisconnected() override { return kj::NEVER_DONE; }
  void shutdownWrite() override { finish(); }

 private:
  // A read that waits for bytes; its buffer is valid only while somebody still wants the result.
  struct Reader {
    kj::byte* buffer;
    std::size_t min_bytes;
    std::size_t max_bytes;
    kj::Own<kj::PromiseFulfiller<std::size_t>> done;
  };

  [[nodiscard]] std::size_t unread() const { return received_.size() - read_; }
  [[nodiscard]] bool over_limit() const { return total_received_ > receive_limit_; }
  std::size_t take(kj::byte* buffer, std::size_t max_bytes);

  quic::Connection* connection_;
  quic::StreamId id_;
  std::size_t receive_limit_;
  std::size_t total_received_ = 0;
  std::vector<std::uint8_t> received_;  // the first read_ bytes are already read
  std::size_t read_ = 0;
  bool peer_finished_ = false;
  bool finished_ = false;
  kj::Maybe<Reader> reader_;
};

}  // namespace oneping::tunnel
