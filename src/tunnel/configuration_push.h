// One updateConfiguration call of the edge, on a stream of its own. The outcome goes to the log.
// Borrows the QUIC connection until detach().
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tunnel/rpc_session.h"

namespace oneping::tunnel {

class ConfigurationPush {
 public:
  // `stream` has just been opened; writes the signature and makes the call. `who` names the
  // connection in the log.
  ConfigurationPush(quic::Connection& connection, quic::StreamId stream, std::int32_t version,
                    std::string_view json, std::string who);

  [[nodiscard]] quic::StreamId stream() const { return session_.stream(); }
  [[nodiscard]] bool is_done() const { return *done_ || session_.end().has_value(); }

  void on_data(Bytes bytes, bool fin) { session_.on_data(bytes, fin); }
  void finish() { session_.finish(); }
  void detach() { session_.detach(); }

 private:
  RpcSession session_;
  std::shared_ptr<bool> done_ = std::make_shared<bool>(false);
  kj::Promise<void> call_ = nullptr;  // destroyed before the session
};

}  // namespace oneping::tunnel
