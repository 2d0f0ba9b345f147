// The edge's end of a device's connection: ordinary requests with small bodies, and one CONNECT-IP
// session (RFC 9484), as a link and the packets that come from it.
//
// A session is opened when the device's settings allow datagrams and, if it is to carry IPv6, when
// its path has proved that packets of 1280 bytes fit; else it is refused after a while. The same
// while is given to a path that becomes too narrow later.
//
// Whether the device may have a session, which addresses and routes it gets, and whether what it
// sends is its own, is its user's to decide.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "masque/advertised_routes.h"
#include "masque/http3.h"
#include "masque/ip_link.h"
#include "masque/ip_stream.h"
#include "masque/message_collector.h"

namespace oneping::masque {

struct MasqueServerOptions {
  Http3Options http;
  std::size_t max_body = 8192;  // of an ordinary request, bytes
  CapsuleLimits capsules{.max_value = 16384};
  std::size_t max_address_requests = 64;         // entries in all that wait for the session to open
  std::size_t max_address_requests_ever = 1024;  // of a session: each is answered
  // New routes wait while so many bytes that a session was told are not acknowledged.
  std::size_t max_backlog = 65536;
  Duration session_patience = std::chrono::seconds(5);
};

// What a session's device gets.
struct SessionGrant {
  std::vector<Prefix> addresses;
  AdvertisedRoutes routes;
  friend bool operator==(const SessionGrant&, const SessionGrant&) = default;
};
struct SessionRefusal {
  int status = 403;
  std::string reason;  // for the device's user
};

class MasqueServer;

// Events carry the connection that they are about. It may be destroyed within on_closed() alone.
class MasqueServerEvents {
 public:
  virtual ~MasqueServerEvents() = default;
  // To be answered by respond(), now or later.
  virtual void on_request(MasqueServer& server, StreamId stream, HttpRequest request, Time now) = 0;
  // For everything that its device may reach, at this template.
  virtual tl::expected<SessionGrant, SessionRefusal> on_session_request(MasqueServer& server,
                                                                        const HttpRequest& request,
                                                                        Time now) = 0;
  virtual void on_session_open(MasqueServer& server, Time now) = 0;
  // The packet is as it came: nothing in it has been checked.
  virtual void on_packet(MasqueServer& server, Bytes packet, Time now) = 0;
  virtual void on_bad_datagram(MasqueServer& server, DropReason why, Time now) = 0;
  // After on_session_request() granted one, whether it opened or not.
  virtual void on_session_closed(MasqueServer& server, const std::string& why, Time now) = 0;
  virtual void on_path_changed(MasqueServer& server, Time now) = 0;
  virtual void on_closed(MasqueServer& server, const quic::CloseInfo& info, Time now) = 0;
};

class MasqueServer final : private Http3Events, private IpStreamEvents {
 public:
  MasqueServer(quic::Connection& connection, const MasqueServerOptions& options,
               MasqueServerEvents& events);
  // Whom the QUIC connection is to tell.
  [[nodiscard]] quic::ConnectionEvents& quic_events() { return http_; }
  [[nodiscard]] quic::Connection& connection() { return http_.connection(); }
  [[nodiscard]] const quic::Connection& connection() const { return http_.connection(); }

  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const { return std::min(deadline_, routes_due_); }

  void respond(StreamId stream, const HttpResponse& response);

  // Everything is refused while no session is open.
  [[nodiscard]] Link& link() { return link_; }
  [[nodiscard]] bool has_open_session() const { return session_ && session_->open; }
  // What the device has been given; empty without a session.
  [[nodiscard]] const SessionGrant& grant() const { return grant_; }
  // Gives it something else from now on. Needs a session.
  void update_session(SessionGrant grant, Time now);
  // No event follows.
  void end_session();

  // Lets what runs go on and takes no more.
  void go_away() { http_.go_away(); }
  // The last use, but for destruction.
  void close(H3Error why, std::string_view reason);

 private:
  struct Session {
    StreamId stream;
    std::unique_ptr<IpStream> incoming;
    bool open = false;
    std::vector<AddressEntry> asked;  // not answered yet
    std::size_t asked_in_all = 0;
  };

  // Http3Events
  void on_settings(const H3Settings& peer, Time now) override;
  void on_head(StreamId stream, HttpFields head, Time now) override;
  void on_data(StreamId stream, Bytes bytes, Time now) override;
  void on_end(StreamId stream, Time now) override;
  void on_stream_closed(StreamId stream, Time now) override;
  void on_datagram(StreamId stream, Bytes payload, Time now) override;
  void on_goaway(Time) override {}
  void on_datagram_size_changed(Time now) override;
  void on_path_changed(Time now) override;
  void on_closed(const quic::CloseInfo& info, Time now) override;
  // IpStreamEvents
  void on_address_assign(std::vector<AddressEntry>, Time) override {}  // we need none from a device
  void on_address_request(std::vector<AddressEntry> entries, Time now) override;
  void on_route_advertisement(std::vector<IpRange>, Time) override {}  // nor networks behind it
  void on_ip_packet(Bytes packet, Time now) override;
  // Of both.
  void on_lost_datagram(DropReason why, Time now) override;

  void on_connect(StreamId stream, const HttpRequest& request, Time now);
  [[nodiscard]] bool is_session(StreamId stream) const {
    return session_ && session_->stream == stream;
  }
  // What keeps the session from opening or going on.
  struct Obstacle {
    bool may_pass;  // it is worth waiting
    int status;     // to refuse the session with
    std::string reason;
  };
  [[nodiscard]] std::optional<Obstacle> obstacle() const;
  // Opens what may open, and watches what may not.
  void review_session(Time now);
  void open_session(Time now);
  void refuse_session(const Obstacle& why, Time now);
  void break_session(H3Error code, const std::string& why, Time now);
  void drop_session();
  // Answers the requests that wait and tells the device all its addresses.
  void assign_addresses();
  // Now, or when the device has taken what it was told before: then the newest.
  void advertise_routes(Time now);

  const MasqueServerOptions options_;
  MasqueServerEvents& events_;
  Http3 http_;
  MessageCollector<HttpRequest> requests_;
  IpLink link_;
  std::optional<Session> session_;
  std::unique_ptr<IpStream> retired_;  // of the last session, which may have ended in its own event
  SessionGrant grant_;
  std::vector<AddressEntry> assigned_;  // grant_.addresses, with the requests that they answer
  Time deadline_ = kNever;              // when the session's obstacle must be gone
  Time routes_due_ = kNever;            // routes wait, and are looked at again then
};

}  // namespace oneping::masque
