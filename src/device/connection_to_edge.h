// One connection to the edge from dialling to its end, with one session on it.
//
// What happens is found out by asking: its user looks at it once a turn. Packets alone are told.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "device/dialer.h"
#include "masque/masque_client.h"

namespace oneping::device {

struct SessionOptions {
  masque::SessionWish wish;
  masque::MasqueClientOptions masque;
  std::function<WallTime()> wall_clock;
};

class ConnectionToEdge;

class ConnectionToEdgeEvents {
 public:
  virtual ~ConnectionToEdgeEvents() = default;
  virtual void on_packet(ConnectionToEdge& connection, Bytes packet, Time now) = 0;
  virtual void on_bad_datagram(ConnectionToEdge& connection, DropReason why, Time now) = 0;
};

class ConnectionToEdge final : private masque::MasqueClientEvents {
 public:
  // The answer; nothing if there is none to be had.
  using OnResponse = std::function<void(std::optional<masque::HttpResponse> response, Time now)>;

  // Both references must outlive it. `ours`: the validity of the certificate that we show.
  ConnectionToEdge(const SessionOptions& options, const quic::Validity& ours,
                   ConnectionToEdgeEvents& events);
  // Says goodbye, if nobody has. Not within its events.
  ~ConnectionToEdge() override;

  [[nodiscard]] tl::expected<void, Problem> dial(Dialer& dialer, unsigned attempt, Time now);
  void on_time(Time now) { client_.on_time(now); }
  [[nodiscard]] Time next_deadline() const { return client_.next_deadline(); }

  // Both ends have proved who they are.
  [[nodiscard]] bool is_ready() const { return ready_; }
  [[nodiscard]] bool is_open() const { return !problem_ && client_.has_open_session(); }
  // Why it is over; nothing while it is not.
  [[nodiscard]] const std::optional<Problem>& problem() const { return problem_; }
  // The edge will close soon.
  [[nodiscard]] bool is_leaving() const { return leaving_; }
  // Whether addresses or routes are others than when this was asked last.
  [[nodiscard]] bool take_change() { return std::exchange(changed_, false); }

  [[nodiscard]] Link& link() { return client_.link(); }
  [[nodiscard]] const std::vector<Prefix>& addresses() const { return client_.addresses(); }
  [[nodiscard]] const std::vector<masque::IpRange>& routes() const { return client_.routes(); }
  // While it is not over.
  [[nodiscard]] quic::Connection& quic() { return client_.connection(); }

  // Calls back once, here or later.
  void request(masque::HttpRequest request, OnResponse on_response, Time now);
  // Ends it. `problem` is why it is over.
  void close(Problem problem, Time now);

  struct Figures {
    std::uint64_t sent = 0;  // datagrams that left
    std::uint64_t lost = 0;  // of them, on the way to the edge
    Duration round_trip{};   // between us and the edge
  };
  // As they are, or were when it ended.
  [[nodiscard]] Figures figures();

 private:
  // masque::MasqueClientEvents
  void on_ready(Time now) override;
  void on_response(masque::StreamId stream, std::optional<masque::HttpResponse> response,
                   Time now) override;
  void on_session_open(Time now) override;
  void on_session_changed(Time now) override;
  void on_packet(Bytes packet, Time now) override;
  void on_bad_datagram(DropReason why, Time now) override;
  void on_session_closed(std::optional<int> status, const std::string& why, Time now) override;
  void on_goaway(Time) override { leaving_ = true; }
  void on_packet_size_changed(Time) override {}
  void on_path_changed(Time) override {}
  void on_closed(const quic::CloseInfo& info, Time now) override;

  void fail_requests(Time now);

  const SessionOptions& options_;
  const quic::Validity ours_;
  ConnectionToEdgeEvents& events_;
  masque::MasqueClient client_;
  bool dialled_ = false;  // and not gone since
  bool ready_ = false;
  bool leaving_ = false;
  bool changed_ = false;
  bool was_open_ = false;
  bool answered_ = false;  // the edge has, to our request for a session, and said no
  std::optional<Problem> problem_;
  std::map<masque::StreamId, OnResponse> requests_;
  Figures last_figures_;  // once it is gone
};

}  // namespace oneping::device
