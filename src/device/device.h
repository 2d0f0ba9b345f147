// A device: its session with the edge, what passes between its host and the edge, and what the
// host's interface is to be like.
//
// Called in turns, as Session is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/interface_plan.h"
#include "device/packet_path.h"
#include "device/renewal.h"
#include "device/session.h"

namespace oneping::device {

struct DeviceConfig {
  std::string edge;  // host and port
  std::string name;
  std::string key_pem;
  CertificateChain certificate;
  std::function<WallTime()> wall_clock;
  HostKind host = HostKind::kernel;
};

class DeviceEvents {
 public:
  virtual ~DeviceEvents() = default;
  virtual void on_plan_changed(const InterfacePlan& plan, Time now) = 0;
  virtual void on_session_up(Time now) = 0;
  virtual void on_session_down(const Problem& why, Time now) = 0;
  virtual void on_attempt_failed(const Problem& why, Time now) = 0;
  // To be kept, and to be shown by the connections that are dialled from now on; then
  // Device::on_new_certificate() is to be called.
  virtual void on_renewed(const CertificateChain& certificate, Time now) = 0;
};

class Device final : private SessionEvents {
 public:
  // Fails if the certificate is not for the key. All references must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<Device>> make(const DeviceConfig& config,
                                                            Dialer& dialer, Link& host,
                                                            DeviceEvents& events, PacketPool& pool,
                                                            Random& random);

  void start(Time now);
  void run(Time now) { session_.run(now); }
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const;
  void stop(Time now) { session_.stop(now); }

  void on_host_packet(Packet packet, Time now) { path_.on_host_packet(std::move(packet), now); }
  void on_network_changed(Time now) { session_.on_network_changed(now); }
  void on_wake(Duration slept, Time now);
  void on_new_certificate(Time now) { session_.on_new_certificate(renewal_.validity(), now); }

  [[nodiscard]] bool is_up() const { return session_.is_up(); }
  // What the interface is like now; the last session's while there is none.
  [[nodiscard]] const InterfacePlan& plan() const { return plan_; }
  // Routes that the edge advertises and the host does not get.
  [[nodiscard]] std::size_t routes_left_out() const { return left_out_; }
  [[nodiscard]] SessionStatus status() { return session_.status(); }
  // An ordinary request by the session's connection. Calls back once, here or later.
  void request(masque::HttpRequest request, ConnectionToEdge::OnResponse on_response, Time now) {
    session_.request(std::move(request), std::move(on_response), now);
  }
  [[nodiscard]] const quic::Validity& certificate_validity() const { return renewal_.validity(); }
  [[nodiscard]] const PacketPath& path() const { return path_; }

 private:
  Device(const DeviceConfig& config, const RenewalOptions& renewal, Dialer& dialer, Link& host,
         DeviceEvents& events, PacketPool& pool, Random& random);

  void on_session_up(Time now) override;
  void on_terms_changed(Time now) override;
  void on_session_down(const Problem& why, Time now) override;
  void on_attempt_failed(const Problem& why, Time now) override;
  void on_packet(Bytes packet, Time now) override { path_.on_edge_packet(packet, now); }
  void on_bad_datagram(DropReason why, Time) override { path_.count_lost(why); }
  void on_packet_size_changed(Time now) override { tell_plan(now); }

  void tell_plan(Time now);

  Dialer& dialer_;
  DeviceEvents& events_;
  PacketPath path_;
  Session session_;
  Renewal renewal_;
  InterfacePlan plan_;
  std::size_t left_out_ = 0;
};

}  // namespace oneping::device
