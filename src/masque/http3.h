// HTTP/3 (RFC 9114) over one QUIC connection, either end: messages on streams, extended CONNECT
// with data both ways (RFC 9220), and HTTP datagrams (RFC 9297).
//
// nghttp3 reads and writes frames and header blocks and judges whether messages are well formed.
// The control stream that we send is ours, and the peer's is read beside nghttp3 (h3_settings.h);
// so one source serves every version. QUIC copies what is written, so for nghttp3 all bytes count
// as acknowledged at once.
//
// It ends as a quic::Connection does: the user calls close(), or on_closed() is delivered. It may
// be destroyed within on_closed(), but within no other of its events.
#pragma once

#include <nghttp3/nghttp3.h>

#include <map>
#include <memory>
#include <string>

#include "masque/h3_error.h"
#include "masque/h3_settings.h"
#include "masque/http_message.h"
#include "quic/connection.h"

namespace oneping::masque {

using quic::StreamId;

enum class Role : std::uint8_t { client, server };

struct Http3Options {
  // Of one head, counted as RFC 9114, 4.2.2 does; a larger one's stream is reset.
  std::size_t max_field_section = 16384;
  std::size_t max_fields = 64;
  // A server's: requests that are open at once; more are rejected.
  std::size_t max_requests = 16;
};

// Views are valid during the call only. Within a call everything of Http3 may be used.
class Http3Events {
 public:
  virtual ~Http3Events() = default;
  // The peer's SETTINGS have come. A server may see requests before.
  virtual void on_settings(const H3Settings& peer, Time now) = 0;
  // A message begins: its final head. For a server that makes the stream known.
  virtual void on_head(StreamId stream, HttpFields head, Time now) = 0;
  virtual void on_data(StreamId stream, Bytes bytes, Time now) = 0;
  // The message is whole.
  virtual void on_end(StreamId stream, Time now) = 0;
  // Both directions are done or broken off; without on_end() before, the message was not whole.
  virtual void on_stream_closed(StreamId stream, Time now) = 0;
  virtual void on_datagram(StreamId stream, Bytes payload, Time now) = 0;
  // One for no stream that the user knows.
  virtual void on_lost_datagram(DropReason why, Time now) = 0;
  // The peer takes or sends no new requests.
  virtual void on_goaway(Time now) = 0;
  virtual void on_datagram_size_changed(Time now) = 0;
  virtual void on_path_changed(Time now) = 0;
  virtual void on_closed(const quic::CloseInfo& info, Time now) = 0;
};

class Http3 final : public quic::ConnectionEvents {
 public:
  // `events` must outlive it.
  Http3(Role role, const Http3Options& options, Http3Events& events);
  ~Http3() override;
  Http3(const Http3&) = delete;
  Http3& operator=(const Http3&) = delete;

  // The connection whose events come here; before any of them has.
  void attach(quic::Connection& connection) { connection_ = &connection; }

  // A client's. The stream carries data afterwards unless `fin`. Fails before the connection is
  // ready, after the server's GOAWAY, and when too many are open.
  [[nodiscard]] Result<StreamId> request(const HttpFields& head, bool fin);
  // A server's answer, the same.
  void respond(StreamId stream, const HttpFields& head, bool fin);
  // Data behind the head; `fin` ends our direction. Streams that have gone ignore it.
  void send(StreamId stream, Bytes bytes, bool fin);
  // Breaks a stream off, both ways; no more events of it come.
  void reset(StreamId stream, H3Error why);

  // An HTTP datagram: takes `payload` by move, or leaves it as it was and says why not, as
  // quic::Connection does. A byte to eight of headroom are needed.
  [[nodiscard]] std::optional<DropReason> send_datagram(StreamId stream, Packet& payload, Time now);
  [[nodiscard]] std::size_t max_datagram_payload(StreamId stream) const;

  // Says that requests which have not come yet will not be answered; those that have, go on.
  void go_away();
  // The last use, but for destruction.
  void close(H3Error why, std::string_view reason);

  [[nodiscard]] bool is_ready() const { return native_ != nullptr && !over_; }
  // Of the peer; none while they have not come.
  [[nodiscard]] const std::optional<H3Settings>& settings() const { return peer_settings_; }
  [[nodiscard]] quic::Connection& connection() { return *connection_; }
  [[nodiscard]] const quic::Connection& connection() const { return *connection_; }

  // quic::ConnectionEvents
  void on_ready(Time now) override;
  void on_datagram(Bytes datagram, Time now) override;
  void on_stream_data(StreamId stream, Bytes bytes, bool fin, Time now) override;
  void on_stream_closed(StreamId stream, Time now) override;
  void on_path_changed(Time now) override;
  void on_datagram_size_changed(Time now) override;
  void on_closed(const quic::CloseInfo& info, Time now) override;

 private:
  struct Callbacks;  // http3_callbacks.cc
  struct Release {
    void operator()(nghttp3_conn* conn) const { nghttp3_conn_del(conn); }
  };
  struct Stream {
    HttpFields head;  // as far as it has come
    std::size_t head_size = 0;
    bool known = false;   // to the user
    bool silent = false;  // the user hears no more of it
    // What is to be sent: nghttp3 has been shown the first `shown` bytes.
    std::vector<std::uint8_t> outgoing;
    std::size_t shown = 0;
    bool fin = false;
  };

  [[nodiscard]] static const nghttp3_callbacks& callbacks();
  [[nodiscard]] static nghttp3_data_reader data_reader();
  [[nodiscard]] Result<void> start();
  [[nodiscard]] bool read_settings(StreamId stream, Bytes bytes);
  [[nodiscard]] Stream* find(StreamId stream);
  // Resets it and tells the user, who knows nothing of it yet or learns that it is over.
  void break_off_stream(StreamId id, Stream& stream, std::uint64_t code);
  // Did nghttp3 get along? If not, the connection has ended, and perhaps this object with it.
  [[nodiscard]] bool is_sound(nghttp3_ssize result);
  void break_off(std::uint64_t code, std::string reason);
  void pump();

  quic::Connection* connection_ = nullptr;
  const Role role_;
  const Http3Options options_;
  Http3Events& events_;
  std::unique_ptr<nghttp3_conn, Release> native_;
  bool over_ = false;
  bool reading_ = false;  // within nghttp3, which must not be asked to write then
  Time now_{};

  StreamId control_ = -1;
  StreamId encoder_ = -1;
  StreamId decoder_ = -1;
  std::map<StreamId, SettingsReader> settings_readers_;
  std::optional<H3Settings> peer_settings_;
  bool went_away_ = false;     // we
  bool peer_left_ = false;     // sent GOAWAY
  StreamId next_request_ = 0;  // a server's: above all that have come
  std::map<StreamId, Stream> streams_;
};

}  // namespace oneping::masque
