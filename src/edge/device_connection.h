// One connection of a device, from its first packet to its end. It answers what the device asks,
// and carries its session's packets to and from the edge's packet path.
//
// Whoever has a certificate of a known device may have a session; whoever has an enrolment key may
// enrol. What was true when the session began is looked at again with every snapshot (review()).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "edge/client_table.h"
#include "edge/status.h"
#include "masque/masque_server.h"

namespace oneping::edge {

class DeviceGate;
class DeviceConnection;
using DeviceConnectionRef = SlotRef<std::unique_ptr<DeviceConnection>>;

class DeviceConnection final : private masque::MasqueServerEvents {
 public:
  // `gate` must outlive it.
  DeviceConnection(quic::Connection& quic, DeviceGate& gate, Time now);

  DeviceConnectionRef ref;  // its own, set by the gate

  [[nodiscard]] masque::MasqueServer& server() { return server_; }
  [[nodiscard]] bool has_session() const { return client_.has_value(); }
  // Whether a known device has proved to be at the other end.
  [[nodiscard]] bool is_known() const { return !refusal_of(identity().get()); }
  // Since when it has had no session, and a known device asked for nothing.
  [[nodiscard]] Time idle_since() const { return idle_since_; }
  // With a session.
  [[nodiscard]] DeviceSessionStatus status(Time now);

  // After a change of the snapshot: a session that may no longer be ends, with the connection; true
  // then. Else it is brought up to date.
  [[nodiscard]] bool review(Time now);
  void respond(masque::StreamId stream, const masque::HttpResponse& response);
  // Says why to the device. Only destruction may follow.
  void close(masque::H3Error why, std::string_view reason);

 private:
  void on_request(masque::MasqueServer&, masque::StreamId stream, masque::HttpRequest request,
                  Time now) override;
  tl::expected<masque::SessionGrant, masque::SessionRefusal> on_session_request(
      masque::MasqueServer&, const masque::HttpRequest&, Time now) override;
  void on_session_open(masque::MasqueServer&, Time now) override;
  void on_packet(masque::MasqueServer&, Bytes packet, Time now) override;
  void on_bad_datagram(masque::MasqueServer&, DropReason why, Time now) override;
  void on_session_closed(masque::MasqueServer&, const std::string& why, Time now) override;
  void on_path_changed(masque::MasqueServer&, Time now) override;
  void on_closed(masque::MasqueServer&, const quic::CloseInfo& info, Time now) override;

  void on_enrol(masque::StreamId stream, const std::string& body, Time now);
  void on_renew(masque::StreamId stream, const std::string& body);
  void on_hops(masque::StreamId stream, const std::string& path);
  void refuse(masque::StreamId stream, int status, std::string_view reason);

  // Who the device is by its certificate, as the snapshot has it now. Null: nobody.
  [[nodiscard]] std::shared_ptr<const Identity> identity() const;
  // Why that device may do nothing here; nothing if it may.
  [[nodiscard]] static std::optional<masque::SessionRefusal> refusal_of(const Identity* identity);
  void leave_session();

  DeviceGate& gate_;
  masque::MasqueServer server_;
  SocketAddress peer_;
  Time idle_since_;
  Time opened_{};
  DeviceId device_ = 0;  // while it has a session, and its name for the log
  std::string name_;
  std::optional<ClientRef> client_;  // while it has a session
};

}  // namespace oneping::edge
