// The calls about UDP sessions that one end makes to the other where registration is by RPC (v2):
// each on a stream of its own, so many at a time, the others wait: ends until no registration does,
// because a client waits for that one and nobody for the other. One that is not answered in time is
// given up; a registration that is ended before its turn is never made. Borrows the QUIC connection
// until detach().
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quic/connection.h"
#include "tunnel/udp_session.h"

namespace oneping::tunnel {

class UdpCalls {
 public:
  static constexpr std::size_t kMaxAtOnce = 24;
  static constexpr std::size_t kMaxWaiting = 4096;  // of each kind
  static constexpr Duration kPatience = std::chrono::seconds(5);

  explicit UdpCalls(quic::Connection& connection);
  ~UdpCalls();

  // Queued for the next run(). False when too many wait. No payload comes along.
  [[nodiscard]] bool register_session(const UdpRegistration& registration);
  [[nodiscard]] bool unregister_session(const Uuid& id, std::string_view message);

  // Whether the stream is that of a call.
  bool on_data(quic::StreamId stream, Bytes bytes, bool fin);
  bool on_closed(quic::StreamId stream) { return on_data(stream, {}, true); }

  // Puts away what is done and begins what waits. Once a turn, after RpcLoop::poll().
  void run(Time now);
  // Something waits for a turn, answer or stream.
  [[nodiscard]] bool is_busy() const {
    return !calls_.empty() || !registrations_.empty() || !ends_.empty();
  }
  // Of registrations, since the last time.
  [[nodiscard]] std::vector<std::pair<Uuid, UdpAnswer>> take_answers() {
    return std::exchange(answers_, {});
  }

  // The QUIC connection is gone.
  void detach();

 private:
  class Call;
  struct End {
    Uuid id;
    std::string message;  // why
  };

  [[nodiscard]] bool is_under_way(const Uuid& id) const;
  void begin_calls(Time now);
  void put_away(Call& call);

  quic::Connection* connection_;
  std::deque<UdpRegistration> registrations_;  // wait
  std::deque<End> ends_;                       // wait behind them
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<std::pair<Uuid, UdpAnswer>> answers_;
};

}  // namespace oneping::tunnel
