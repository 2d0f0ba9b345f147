// One run of a tool (ping, trace, mtr) over a session of its own: no interface and no privilege,
// beside whatever else the host does with the same identity.
//
// First comes the session, then the edge's word on the way there (the roles of its hops, the
// latencies of its parts), then the tool, which decides how long it all takes.
//
// Timers: kPatience runs until there is a session, kFirstWord from there until the tool starts,
// with that word or without it; then the edge is asked again every kAskAgain.
//
// Called in turns, as Session is.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "device/device.h"
#include "masque/device_messages.h"
#include "probe/hop_role.h"
#include "probe/tool.h"

namespace oneping::device {

struct Way {
  IpAddress source;
  IpAddress destination;  // of the same family
  probe::HopRoles roles;
};

class ToolRunEvents {
 public:
  virtual ~ToolRunEvents() = default;
  // Once, before the tool starts. Its packets leave by `link`, which outlives it.
  virtual std::unique_ptr<probe::Tool> make_tool(const Way& way, Link& link) = 0;
  // While the tool runs. Until another one is there the tool hears "host unreachable".
  virtual void on_session_lost(const Problem& why) = 0;
  // As DeviceEvents has it.
  virtual void on_renewed(const CertificateChain& certificate, Time now) = 0;
};

class ToolRun final : private DeviceEvents {
 public:
  static constexpr Duration kPatience = std::chrono::seconds(10);
  static constexpr Duration kFirstWord = std::chrono::seconds(1);
  static constexpr Duration kAskAgain = std::chrono::seconds(2);

  // `to`: addresses of the destination, the first that the device can reach is taken. Fails if the
  // certificate is not for the key. All references must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<ToolRun>> make(const DeviceConfig& config,
                                                             std::vector<IpAddress> to,
                                                             Dialer& dialer, ToolRunEvents& events,
                                                             PacketPool& pool, Random& random);

  void start(Time now);
  void run(Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const;
  void stop(Time now) { device_->stop(now); }

  void on_name(const IpAddress& address, std::string_view name);
  void on_network_changed(Time now) { device_->on_network_changed(now); }
  void on_wake(Duration slept, Time now) { device_->on_wake(slept, now); }
  void on_new_certificate(Time now) { device_->on_new_certificate(now); }
  // The user has had enough.
  void interrupt();

  [[nodiscard]] bool is_done() const { return failure_ || (tool_ && tool_->is_done()); }
  // Why the tool never started; nothing if it has, or still may.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  // Of the tool, once it is done.
  [[nodiscard]] int exit_code() const { return tool_->exit_code(); }

 private:
  // What comes back for the tool waits here, so that it is never told within its own call.
  class Inbox final : public Link {
   public:
    [[nodiscard]] std::optional<DropReason> send(Packet& packet, Time now) override;
    [[nodiscard]] std::size_t max_packet_size() const override { return InterfacePlan::kMaxMtu; }
    std::vector<Packet> packets;
  };
  class Outlet final : public Link {
   public:
    explicit Outlet(ToolRun& run) : run_(run) {}
    [[nodiscard]] std::optional<DropReason> send(Packet& packet, Time now) override;
    [[nodiscard]] std::size_t max_packet_size() const override;

   private:
    ToolRun& run_;
  };

  ToolRun(std::vector<IpAddress> to, ToolRunEvents& events) : to_(std::move(to)), events_(events) {}

  void on_plan_changed(const InterfacePlan& plan, Time now) override;
  void on_session_up(Time now) override;
  void on_session_down(const Problem& why, Time now) override;
  void on_attempt_failed(const Problem& why, Time now) override;
  void on_renewed(const CertificateChain& certificate, Time now) override;

  void choose(Time now);
  void ask(Time now);
  void on_word(const std::optional<masque::HttpResponse>& response);
  void begin(Time now);
  void deliver(Time now);
  void tell_legs();
  [[nodiscard]] Error no_way() const;
  void fail_with(Error why);

  const std::vector<IpAddress> to_;
  ToolRunEvents& events_;
  Inbox inbox_;
  std::vector<Packet> delivered_;  // the other half of the inbox
  Outlet outlet_{*this};

  std::optional<Way> way_;
  bool has_word_ = false;   // or the edge has none
  bool is_asking_ = false;  // an answer is under way
  std::optional<Duration> edge_to_connector_;
  Time ask_at_ = kNever;
  Time patience_end_ = kNever;
  Time first_word_end_ = kNever;
  Time begin_at_ = kNever;
  std::optional<Problem> last_problem_;
  std::optional<Error> failure_;
  std::unique_ptr<probe::Tool> tool_;
  std::unique_ptr<Device> device_;
};

}  // namespace oneping::device
