// A device's lasting relation to its edge: one session after the other, at most one in use.
//
// The connection in use may be lost, may fall silent, may be on a network that the host has left.
// While there is doubt the next one is dialled beside it and takes over when it has its session;
// the old one lives a little longer for what is still on its way. A host that merely moves takes
// its connection along (RFC 9000, 9).
//
// Everything is called in turns: what has come, on_time() if it is due, then run() once.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "device/connection_to_edge.h"
#include "device/dial_pace.h"
#include "device/liveness.h"
#include "device/session_status.h"
#include "device/steady_size.h"

namespace oneping::device {

class SessionEvents {
 public:
  virtual ~SessionEvents() = default;
  // Packets pass from now on.
  virtual void on_session_up(Time now) = 0;
  // Addresses or routes are others than they were when it came up, or another of the edge's
  // addresses is used.
  virtual void on_terms_changed(Time now) = 0;
  virtual void on_session_down(const Problem& why, Time now) = 0;
  // It did not come up; it is tried again.
  virtual void on_attempt_failed(const Problem& why, Time now) = 0;
  virtual void on_packet(Bytes packet, Time now) = 0;
  virtual void on_bad_datagram(DropReason why, Time now) = 0;
  virtual void on_packet_size_changed(Time now) = 0;
};

class Session final : private ConnectionToEdgeEvents {
 public:
  // An edge that stays silent under traffic is given up after so long.
  static constexpr Duration kMaxSilence = std::chrono::seconds(5);
  // Of the connection that another one took over from.
  static constexpr Duration kLinger = std::chrono::seconds(2);
  // Between attempts to move, or to find another way, while there is one in use.
  static constexpr Duration kRetry = std::chrono::milliseconds(500);

  // All references must outlive it. `ours`: the validity of the certificate that we show.
  Session(SessionOptions options, const quic::Validity& ours, Dialer& dialer, SessionEvents& events,
          Random& random);
  ~Session() override;

  void start(Time now);
  void run(Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const;
  // For good.
  void stop(Time now);

  // The host's addresses or routes may be others than they were, or the edge's name was found.
  void on_network_changed(Time now);
  // The host has slept so long; or its clock was set.
  void on_wake(Duration slept, Time now);
  // The dialer shows another certificate from now on: the session moves to it.
  void on_new_certificate(const quic::Validity& ours, Time now);

  // Takes packets while the session is up; at other times it refuses: link_down.
  [[nodiscard]] Link& link() { return link_; }
  [[nodiscard]] bool is_up() const { return is_up_; }
  // Of the session that is up, or was last.
  [[nodiscard]] const std::vector<Prefix>& addresses() const { return addresses_; }
  [[nodiscard]] const std::vector<masque::IpRange>& routes() const { return routes_; }
  [[nodiscard]] SessionStatus status();

  // An ordinary request by the session's connection. Calls back once, here or later.
  void request(masque::HttpRequest request, ConnectionToEdge::OnResponse on_response, Time now);

 private:
  class UpLink final : public Link {
   public:
    explicit UpLink(Session& session) : session_(session) {}
    [[nodiscard]] std::optional<DropReason> send(Packet& packet, Time now) override;
    [[nodiscard]] std::size_t max_packet_size() const override;

   private:
    Session& session_;
  };
  // Why another connection is wanted beside the one in use.
  enum class Want : std::uint8_t { nothing, other_way, new_certificate };

  void on_packet(ConnectionToEdge& connection, Bytes packet, Time now) override;
  void on_bad_datagram(ConnectionToEdge& connection, DropReason why, Time now) override;

  // Null: it failed, and that is dealt with.
  [[nodiscard]] std::unique_ptr<ConnectionToEdge> begin(Time now);
  void on_failure(const Problem& problem, Time now);
  void end_patience(Time now);

  void review_current(Time now);
  void on_up(Time now);
  void on_lost(Time now);
  [[nodiscard]] bool take_terms();

  void want(Want what, Time now);
  void review_next(Time now);
  void take_over(Time now);

  void look(Time now);
  void move(Time now);
  void apply_keep_alive();
  void tell_size(Time now);
  void bury(std::unique_ptr<ConnectionToEdge> connection, Problem why, Time now);

  [[nodiscard]] bool is_running() const { return state_ != SessionState::stopped; }
  void enter(SessionState state, Time now);

  const SessionOptions options_;
  quic::Validity ours_;
  Dialer& dialer_;
  SessionEvents& events_;
  Random& random_;
  UpLink link_{*this};

  SessionState state_ = SessionState::stopped;
  Time state_since_{};
  bool is_up_ = false;
  std::unique_ptr<ConnectionToEdge> current_;  // in use, or to be
  std::unique_ptr<ConnectionToEdge> next_;     // while current_ is up
  std::unique_ptr<ConnectionToEdge> before_;
  std::vector<std::unique_ptr<ConnectionToEdge>> gone_;  // perhaps inside one of their events
  std::vector<Prefix> addresses_;
  std::vector<masque::IpRange> routes_;

  DialPace pace_;
  unsigned attempt_ = 0;
  std::optional<quic::Path> tried_;  // by the last dial; nothing if it did not come so far
  Time dial_at_ = kNever;            // current_, or next_ while there is one in use
  Time patience_end_ = kNever;       // of the attempt under way
  Want want_ = Want::nothing;
  Time before_end_ = kNever;

  Liveness liveness_;
  Duration keep_alive_{};  // as the connection in use has it
  Time move_at_ = kNever;
  SteadySize size_;

  std::uint64_t sessions_ = 0;
  std::uint64_t past_sent_ = 0;  // by connections that are gone
  std::uint64_t past_lost_ = 0;
  std::optional<Problem> last_problem_;
  Time last_problem_at_{};
};

}  // namespace oneping::device
