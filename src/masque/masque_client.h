// A device's end of its connection to the edge: requests with small bodies, and one CONNECT-IP
// session (RFC 9484), as a link and the packets that come from it.
//
// The session is open when the edge has agreed, has answered with addresses, and, if one of them is
// IPv6, the path has proved that packets of 1280 bytes fit. It fails if that takes too long.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "masque/http3.h"
#include "masque/ip_link.h"
#include "masque/ip_stream.h"
#include "masque/message_collector.h"

namespace oneping::masque {

struct MasqueClientOptions {
  Http3Options http;
  std::size_t max_body = 1 << 20;                // of a response, bytes
  CapsuleLimits capsules{.max_value = 8 << 20};  // advertisements of 200 000 ranges and more
  // Longer than the edge's, so that it is the edge that says why.
  Duration session_patience = std::chrono::seconds(8);
};

// What a device wants of its session.
struct SessionWish {
  std::string authority;  // the edge's name and, if it is not 443, port
  bool ipv4 = true;
  bool ipv6 = true;
};

class MasqueClient;

// It may be destroyed within on_closed() alone.
class MasqueClientEvents {
 public:
  virtual ~MasqueClientEvents() = default;
  // Requests and a session may be asked for.
  virtual void on_ready(Time now) = 0;
  // The answer to request(); none if the edge broke it off or it was too large.
  virtual void on_response(StreamId stream, std::optional<HttpResponse> response, Time now) = 0;
  virtual void on_session_open(Time now) = 0;
  // Of an open session: addresses() or routes() are others than they were.
  virtual void on_session_changed(Time now) = 0;
  virtual void on_packet(Bytes packet, Time now) = 0;
  virtual void on_bad_datagram(DropReason why, Time now) = 0;
  // It was refused (with a status), failed or ended.
  virtual void on_session_closed(std::optional<int> status, const std::string& why, Time now) = 0;
  // The edge will close soon: go elsewhere.
  virtual void on_goaway(Time now) = 0;
  // The session's link takes larger or smaller packets than before.
  virtual void on_packet_size_changed(Time now) = 0;
  virtual void on_path_changed(Time now) = 0;
  virtual void on_closed(const quic::CloseInfo& info, Time now) = 0;
};

class MasqueClient final : private Http3Events, private IpStreamEvents {
 public:
  MasqueClient(const MasqueClientOptions& options, MasqueClientEvents& events)
      : options_(options),
        events_(events),
        http_(Role::client, options_.http, *this),
        responses_(options.max_body) {}
  // For Endpoint::connect(), whose connection is then to be attached.
  [[nodiscard]] quic::ConnectionEvents& quic_events() { return http_; }
  void attach(quic::Connection& connection) { http_.attach(connection); }
  [[nodiscard]] quic::Connection& connection() { return http_.connection(); }

  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const { return deadline_; }

  // After on_ready().
  [[nodiscard]] Result<StreamId> request(const HttpRequest& request);
  // Fails at once if the edge serves none or there is one already; later by on_session_closed().
  [[nodiscard]] Result<void> open_session(const SessionWish& wish, Time now);
  // No event follows.
  void end_session();

  // Everything is refused while no session is open.
  [[nodiscard]] Link& link() { return link_; }
  [[nodiscard]] bool has_open_session() const { return session_ && session_->open; }
  // What the edge has given us, and what it routes to.
  [[nodiscard]] const std::vector<Prefix>& addresses() const { return addresses_; }
  [[nodiscard]] const std::vector<IpRange>& routes() const { return routes_; }

  // The last use, but for destruction.
  void close(H3Error why, std::string_view reason);

 private:
  struct Session {
    StreamId stream;
    std::unique_ptr<IpStream> incoming;
    bool agreed = false;    // the edge has
    bool assigned = false;  // addresses have come
    bool open = false;
    std::optional<HttpResponse> refusal;  // whose body is coming
  };

  // Http3Events
  void on_settings(const H3Settings& peer, Time now) override;
  void on_head(StreamId stream, HttpFields head, Time now) override;
  void on_data(StreamId stream, Bytes bytes, Time now) override;
  void on_end(StreamId stream, Time now) override;
  void on_stream_closed(StreamId stream, Time now) override;
  void on_datagram(StreamId stream, Bytes payload, Time now) override;
  void on_goaway(Time now) override;
  void on_datagram_size_changed(Time now) override;
  void on_path_changed(Time now) override;
  void on_closed(const quic::CloseInfo& info, Time now) override;
  // IpStreamEvents
  void on_address_assign(std::vector<AddressEntry> entries, Time now) override;
  void on_address_request(std::vector<AddressEntry> entries, Time now) override;
  void on_route_advertisement(std::vector<IpRange> ranges, Time now) override;
  void on_ip_packet(Bytes packet, Time now) override;
  // Of both.
  void on_lost_datagram(DropReason why, Time now) override;

  [[nodiscard]] bool is_session(StreamId stream) const {
    return session_ && session_->stream == stream;
  }
  [[nodiscard]] bool wants_ipv6() const;
  // What keeps the session from opening or going on; nothing if it may.
  [[nodiscard]] std::optional<std::string> obstacle() const;
  void review_session(Time now);
  void on_answer(HttpResponse response, Time now);
  void tell_refusal(Time now);
  void fail_session(H3Error code, const std::string& why, Time now);
  void drop_session();

  const MasqueClientOptions options_;
  MasqueClientEvents& events_;
  Http3 http_;
  MessageCollector<HttpResponse> responses_;
  std::set<StreamId> unanswered_;  // requests
  IpLink link_;
  std::optional<Session> session_;
  std::unique_ptr<IpStream> retired_;  // of the last session, which may have ended in its own event
  std::vector<Prefix> addresses_;
  std::vector<IpRange> routes_;
  Time deadline_ = kNever;  // when the session's obstacle must be gone
};

}  // namespace oneping::masque
