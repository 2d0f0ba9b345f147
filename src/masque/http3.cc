#include "masque/http3.h"

#include <algorithm>
#include <utility>

#include "masque/varint.h"

namespace oneping::masque {

namespace {

using quic::CloseInfo;
using quic::CloseKind;

constexpr std::uint64_t kMaxQuarterStreamId = (std::uint64_t{1} << 60) - 1;  // RFC 9297, 2.1

bool is_unidirectional(StreamId stream) { return (stream & 2) != 0; }  // RFC 9000, 2.1

std::uint64_t quarter(StreamId stream) { return static_cast<std::uint64_t>(stream) / 4; }

std::vector<nghttp3_nv> native_fields(const HttpFields& fields) {
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  std::vector<nghttp3_nv> native;
  native.reserve(fields.size());
  for (const HttpField& field : fields) {
    native.push_back({bytes(field.name), bytes(field.value), field.name.size(), field.value.size(),
                      NGHTTP3_NV_FLAG_NONE});
  }
  return native;
}

}  // namespace

Http3::Http3(Role role, const Http3Options& options, Http3Events& events)
    : role_(role), options_(options), events_(events) {}

Http3::~Http3() = default;

void Http3::on_ready(Time now) {
  now_ = now;
  if (auto started = start(); !started) {
    return break_off(code_of(H3Error::internal_error), started.error().message);
  }
  pump();
}

Result<void> Http3::start() {
  nghttp3_settings settings;
  nghttp3_settings_default(&settings);
  settings.max_field_section_size = options_.max_field_section;
  settings.qpack_max_dtable_capacity = 0;
  settings.qpack_encoder_max_dtable_capacity = 0;
  settings.qpack_blocked_streams = 0;
  settings.enable_connect_protocol = 1;
  nghttp3_conn* made = nullptr;
  const int error = role_ == Role::server
                        ? nghttp3_conn_server_new(&made, &callbacks(), &settings, nullptr, this)
                        : nghttp3_conn_client_new(&made, &callbacks(), &settings, nullptr, this);
  if (error != 0) return fail(std::string("starting HTTP/3: ") + nghttp3_strerror(error));
  native_.reset(made);

  for (StreamId* const stream : {&control_, &encoder_, &decoder_}) {
    const auto opened = connection_->open_unidirectional_stream();
    if (!opened) return fail("starting HTTP/3", opened.error());
    *stream = *opened;
  }
  const int bound = nghttp3_conn_bind_qpack_streams(made, encoder_, decoder_);
  if (bound != 0) return fail(std::string("starting HTTP/3: ") + nghttp3_strerror(bound));
  const H3Settings ours{.connect_protocol = role_ == Role::server, .datagrams = true};
  connection_->write(control_, control_stream_beginning(ours, options_.max_field_section), false);
  return {};
}

Result<StreamId> Http3::request(const HttpFields& head, bool fin) {
  if (!is_ready()) return fail("sending a request: the connection is not ready");
  if (peer_left_) return fail("sending a request: the server takes no more");
  const auto stream = connection_->open_stream();
  if (!stream) return fail("sending a request", stream.error());
  streams_[*stream].known = true;
  const auto fields = native_fields(head);
  const nghttp3_data_reader body = data_reader();
  const int error = nghttp3_conn_submit_request(native_.get(), *stream, fields.data(),
                                                fields.size(), fin ? nullptr : &body, nullptr);
  if (error != 0) {
    reset(*stream, H3Error::request_cancelled);
    return fail(std::string("sending a request: ") + nghttp3_strerror(error));
  }
  pump();
  return *stream;
}

void Http3::respond(StreamId id, const HttpFields& head, bool fin) {
  const Stream* const stream = find(id);
  if (stream == nullptr || stream->silent) return;
  const auto fields = native_fields(head);
  const nghttp3_data_reader body = data_reader();
  const int error = nghttp3_conn_submit_response(native_.get(), id, fields.data(), fields.size(),
                                                 fin ? nullptr : &body);
  if (error != 0) return reset(id, H3Error::internal_error);
  pump();
}

void Http3::send(StreamId id, Bytes bytes, bool fin) {
  Stream* const stream = find(id);
  if (stream == nullptr || stream->silent || stream->fin) return;
  stream->outgoing.insert(stream->outgoing.end(), bytes.begin(), bytes.end());
  stream->fin = fin;
  nghttp3_conn_resume_stream(native_.get(), id);
  pump();
}

void Http3::reset(StreamId id, H3Error why) {
  Stream* const stream = find(id);
  if (stream == nullptr || stream->silent) return;
  stream->silent = true;
  connection_->reset_stream(id, code_of(why));
}

std::optional<DropReason> Http3::send_datagram(StreamId id, Packet& payload, Time now) {
  if (!peer_settings_ || !peer_settings_->datagrams || over_) return DropReason::link_down;
  const std::uint64_t quarter_id = quarter(id);
  const std::size_t prefix = varint_size(quarter_id);
  store_varint(payload.prepend(prefix), quarter_id);
  const auto refusal = connection_->send_datagram(payload, now);
  if (refusal) payload.remove_prefix(prefix);
  return refusal;
}

std::size_t Http3::max_datagram_payload(StreamId id) const {
  if (!peer_settings_ || !peer_settings_->datagrams || over_) return 0;
  const std::size_t whole = connection_->max_datagram_size();
  const std::size_t prefix = varint_size(quarter(id));
  return whole > prefix ? whole - prefix : 0;
}

void Http3::go_away() {
  if (!is_ready() || went_away_) return;
  went_away_ = true;
  // A server names the first request that it will not answer; a client a push, of which there are
  // none (RFC 9114, 5.2).
  const auto id = role_ == Role::server ? static_cast<std::uint64_t>(next_request_) : 0;
  connection_->write(control_, goaway_frame(id), false);
}

void Http3::close(H3Error why, std::string_view reason) {
  if (std::exchange(over_, true)) return;
  connection_->close(code_of(why), reason);
}

void Http3::on_stream_data(StreamId id, Bytes bytes, bool fin, Time now) {
  now_ = now;
  if (!is_ready()) return;
  if (is_unidirectional(id) && !read_settings(id, bytes)) return;
  reading_ = true;
  const nghttp3_ssize result =
      nghttp3_conn_read_stream(native_.get(), id, bytes.data(), bytes.size(), fin ? 1 : 0);
  reading_ = false;
  if (is_sound(result)) pump();
}

// False if the connection has ended.
bool Http3::read_settings(StreamId id, Bytes bytes) {
  if (peer_settings_) return true;
  SettingsReader& reader = settings_readers_[id];
  switch (reader.read(bytes)) {
    case SettingsReader::Outcome::more: return true;
    case SettingsReader::Outcome::nothing: return true;
    case SettingsReader::Outcome::invalid:
      break_off(code_of(H3Error::settings_error), "the peer's HTTP/3 settings are not allowed");
      return false;
    case SettingsReader::Outcome::settings: break;
  }
  // RFC 9297, 2.1.1: datagrams need QUIC's.
  if (reader.settings().datagrams && connection_->max_datagram_size() == 0) {
    break_off(code_of(H3Error::settings_error),
              "the peer's HTTP/3 settings promise datagrams, its QUIC takes none");
    return false;
  }
  peer_settings_ = reader.settings();
  settings_readers_.clear();
  events_.on_settings(*peer_settings_, now_);
  return !over_;
}

void Http3::on_stream_closed(StreamId id, Time now) {
  now_ = now;
  if (!is_ready()) return;
  if (id == control_ || id == encoder_ || id == decoder_) {
    return break_off(code_of(H3Error::closed_critical_stream),
                     "the peer stopped a stream that HTTP/3 cannot do without");
  }
  const auto found = streams_.find(id);
  if (found != streams_.end()) {
    const bool tell = found->second.known && !found->second.silent;
    streams_.erase(found);
    if (tell) events_.on_stream_closed(id, now);
    if (over_) return;
  }
  const int error = nghttp3_conn_close_stream(native_.get(), id, code_of(H3Error::no_error));
  if (error != NGHTTP3_ERR_STREAM_NOT_FOUND) std::ignore = is_sound(error);
}

void Http3::on_datagram(Bytes datagram, Time now) {
  now_ = now;
  if (!is_ready()) return;
  const auto quarter_id = take_varint(datagram);
  if (!quarter_id || *quarter_id > kMaxQuarterStreamId) {
    return break_off(code_of(H3Error::datagram_error), "a datagram that names no stream");
  }
  const auto id = static_cast<StreamId>(*quarter_id * 4);
  const Stream* const stream = find(id);
  if (stream == nullptr || !stream->known || stream->silent) {
    return events_.on_lost_datagram(DropReason::unknown_datagram, now);
  }
  events_.on_datagram(id, datagram, now);
}

void Http3::on_path_changed(Time now) {
  now_ = now;
  if (!over_) events_.on_path_changed(now);
}

void Http3::on_datagram_size_changed(Time now) {
  now_ = now;
  if (!over_) events_.on_datagram_size_changed(now);
}

void Http3::on_closed(const CloseInfo& info, Time now) {
  if (std::exchange(over_, true)) return;
  events_.on_closed(info, now);
}

Http3::Stream* Http3::find(StreamId id) {
  const auto found = streams_.find(id);
  return found == streams_.end() || over_ ? nullptr : &found->second;
}

bool Http3::is_sound(nghttp3_ssize result) {
  if (result >= 0 || over_) return !over_;
  const int error = static_cast<int>(result);
  break_off(nghttp3_err_infer_quic_app_error_code(error),
            std::string("the peer breaks the rules of HTTP/3: ") + nghttp3_strerror(error));
  return false;
}

void Http3::break_off(std::uint64_t code, std::string reason) {
  if (std::exchange(over_, true)) return;
  connection_->close(code, reason);
  events_.on_closed({CloseKind::transport, code, std::move(reason)}, now_);
}

void Http3::pump() {
  while (is_ready() && !reading_) {
    StreamId id = -1;
    int fin = 0;
    nghttp3_vec parts[8];
    const nghttp3_ssize count =
        nghttp3_conn_writev_stream(native_.get(), &id, &fin, parts, std::size(parts));
    if (!is_sound(count)) return;
    if (id == -1) return;
    std::size_t total = 0;
    for (nghttp3_ssize i = 0; i < count; ++i) {
      connection_->write(id, {parts[i].base, parts[i].len}, fin != 0 && i + 1 == count);
      total += parts[i].len;
    }
    if (count == 0 && fin != 0) connection_->write(id, {}, true);
    nghttp3_conn_add_write_offset(native_.get(), id, total);
    nghttp3_conn_add_ack_offset(native_.get(), id, total);
  }
}

}  // namespace oneping::masque
