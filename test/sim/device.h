// A device of the world, with a real connection to the edge: what it sends goes through its
// session, and what comes back is kept by its client. It does what a test tells it and nothing of
// its own accord: it neither checks what it sends nor comes back when it is sent away.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "masque/masque_client.h"
#include "quic/device_certificate.h"
#include "test/sim/world.h"

namespace oneping::sim {

class Device final : public Participant, private masque::MasqueClientEvents {
 public:
  // `number` makes its underlay and virtual addresses; it has a key of its own, and no certificate.
  Device(World& world, std::uint8_t number);
  ~Device() override;

  // As the control plane knows it once it has enrolled; to be put into World::control.
  [[nodiscard]] edge::Identity identity(edge::DeviceId id, const std::string& name) const;
  // Gets its certificate from the edge's authority, as enrolment would.
  void certify();
  // Dials; on_ready, asks for a session if `wants_session`.
  void dial(bool wants_session = true);
  // Has a session within a second.
  [[nodiscard]] bool connect();
  // A request's answer; fails the test if none comes.
  masque::HttpResponse ask(const masque::HttpRequest& request);

  void send(Packet packet);
  void ping(const IpAddress& to, EchoIdentity identity, std::uint8_t hop_limit = 64) {
    send(of(to).request(pool, to, identity, hop_limit));
  }
  // Its own client for the family of that address.
  [[nodiscard]] Client& of(const IpAddress& to) { return to.is_v4() ? v4 : v6; }

  [[nodiscard]] Time next_deadline() const override;
  void turn(Time now) override;

  PacketPool pool;
  Client v4;
  Client v6;
  std::unique_ptr<masque::MasqueClient> masque;
  std::string certificate_pem;
  quic::KeyAndRequest key;
  SocketAddress address;

  int opened = 0;
  int changes = 0;
  std::vector<std::pair<std::optional<int>, std::string>> session_ends;  // status, why
  std::vector<quic::CloseInfo> closed;
  std::vector<DropReason> refusals;  // of its own link
  // Takes what comes instead of the clients.
  std::function<void(Bytes packet)> when_packet;

 private:
  void on_ready(Time now) override;
  void on_response(quic::StreamId stream, std::optional<masque::HttpResponse> response,
                   Time now) override;
  void on_session_open(Time) override { ++opened; }
  void on_session_changed(Time) override { ++changes; }
  void on_packet(Bytes packet, Time now) override;
  void on_bad_datagram(DropReason why, Time now) override;
  void on_session_closed(std::optional<int> status, const std::string& why, Time) override {
    session_ends.emplace_back(status, why);
  }
  void on_goaway(Time) override {}
  void on_packet_size_changed(Time) override {}
  void on_path_changed(Time) override {}
  void on_closed(const quic::CloseInfo& info, Time) override {
    closed.push_back(info);
    is_over_ = true;
  }

  World& world_;
  NetworkSender sender_;
  std::unique_ptr<quic::Endpoint> endpoint_;
  bool wants_session_ = true;
  bool is_ready_ = false;
  bool is_over_ = true;
  std::map<quic::StreamId, std::optional<masque::HttpResponse>> responses_;
};

}  // namespace oneping::sim
