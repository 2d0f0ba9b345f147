// What nghttp3 tells while it reads, and asks while it writes.
#include <algorithm>

#include "masque/http3.h"

namespace oneping::masque {

namespace {

// RFC 9114, 4.2.2.
constexpr std::size_t kFieldOverhead = 32;

std::string text_of(nghttp3_rcbuf* buffer) {
  const nghttp3_vec bytes = nghttp3_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

bool is_interim(const HttpFields& head) {  // RFC 9110, 15.2
  const std::string* const status = find_field(head, ":status");
  return status != nullptr && status->starts_with('1');
}

}  // namespace

// Functions for nghttp3's table; `user` is the Http3. None fails: what we refuse is reset.
struct Http3::Callbacks {
  static Http3& self(void* user) { return *static_cast<Http3*>(user); }

  static int begin_headers(nghttp3_conn*, std::int64_t id, void* user, void*) {
    Http3& h = self(user);
    if (h.over_) return 0;
    const auto [found, is_new] = h.streams_.try_emplace(id);
    if (h.role_ == Role::client || !is_new) return 0;
    const bool is_late = h.went_away_ && id >= h.next_request_;
    const bool too_many = h.streams_.size() > h.options_.max_requests;
    if (is_late || too_many) {
      h.reset(id, H3Error::request_rejected);
    } else {
      h.next_request_ = std::max(h.next_request_, id + 4);
    }
    return 0;
  }

  static int recv_header(nghttp3_conn*, std::int64_t id, std::int32_t, nghttp3_rcbuf* name,
                         nghttp3_rcbuf* value, std::uint8_t, void* user, void*) {
    Http3& h = self(user);
    Stream* const stream = h.find(id);
    if (stream == nullptr || stream->silent) return 0;
    stream->head_size += nghttp3_rcbuf_get_buf(name).len + nghttp3_rcbuf_get_buf(value).len;
    stream->head_size += kFieldOverhead;
    if (stream->head_size > h.options_.max_field_section ||
        stream->head.size() == h.options_.max_fields) {
      h.break_off_stream(id, *stream, code_of(H3Error::excessive_load));
    } else {
      stream->head.push_back({text_of(name), text_of(value)});
    }
    return 0;
  }

  static int end_headers(nghttp3_conn*, std::int64_t id, int, void* user, void*) {
    Http3& h = self(user);
    Stream* const stream = h.find(id);
    if (stream == nullptr || stream->silent) return 0;
    HttpFields head = std::exchange(stream->head, {});
    stream->head_size = 0;
    if (is_interim(head)) return 0;
    stream->known = true;
    h.events_.on_head(id, std::move(head), h.now_);
    return 0;
  }

  static int recv_data(nghttp3_conn*, std::int64_t id, const std::uint8_t* data, std::size_t size,
                       void* user, void*) {
    Http3& h = self(user);
    const Stream* const stream = h.find(id);
    if (stream != nullptr && !stream->silent) h.events_.on_data(id, {data, size}, h.now_);
    return 0;
  }

  static int end_stream(nghttp3_conn*, std::int64_t id, void* user, void*) {
    Http3& h = self(user);
    const Stream* const stream = h.find(id);
    if (stream != nullptr && !stream->silent) h.events_.on_end(id, h.now_);
    return 0;
  }

  // A message that is not well formed.
  static int abort_stream(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
    Http3& h = self(user);
    Stream* const stream = h.find(id);
    if (stream == nullptr) {
      h.connection_->reset_stream(id, code);
    } else if (!stream->silent) {
      h.break_off_stream(id, *stream, code);
    }
    return 0;
  }

  static int shutdown(nghttp3_conn*, std::int64_t, void* user) {
    Http3& h = self(user);
    if (!h.over_ && !std::exchange(h.peer_left_, true)) h.events_.on_goaway(h.now_);
    return 0;
  }

  static nghttp3_ssize read_data(nghttp3_conn*, std::int64_t id, nghttp3_vec* vectors, std::size_t,
                                 std::uint32_t* flags, void* user, void*) {
    const auto found = self(user).streams_.find(id);
    if (found == self(user).streams_.end()) {
      *flags |= NGHTTP3_DATA_FLAG_EOF;
      return 0;
    }
    Stream& stream = found->second;
    const std::size_t fresh = stream.outgoing.size() - stream.shown;
    if (fresh == 0 && !stream.fin) return NGHTTP3_ERR_WOULDBLOCK;
    if (stream.fin) *flags |= NGHTTP3_DATA_FLAG_EOF;
    if (fresh == 0) return 0;
    vectors[0] = {stream.outgoing.data() + stream.shown, fresh};
    stream.shown += fresh;
    return 1;
  }

  static int acked_data(nghttp3_conn*, std::int64_t id, std::uint64_t size, void* user, void*) {
    const auto found = self(user).streams_.find(id);
    if (found == self(user).streams_.end()) return 0;
    Stream& stream = found->second;
    const auto n = static_cast<std::ptrdiff_t>(size);
    stream.outgoing.erase(stream.outgoing.begin(), stream.outgoing.begin() + n);
    stream.shown -= static_cast<std::size_t>(size);
    return 0;
  }

  static nghttp3_callbacks table() {
    nghttp3_callbacks table{};
    table.begin_headers = begin_headers;
    table.recv_header = recv_header;
    table.end_headers = end_headers;
    table.recv_data = recv_data;
    table.end_stream = end_stream;
    table.stop_sending = abort_stream;
    table.reset_stream = abort_stream;
    table.shutdown = shutdown;
    table.acked_stream_data = acked_data;
    return table;
  }
};

const nghttp3_callbacks& Http3::callbacks() {
  static const nghttp3_callbacks table = Callbacks::table();
  return table;
}

nghttp3_data_reader Http3::data_reader() { return {Callbacks::read_data}; }

void Http3::break_off_stream(StreamId id, Stream& stream, std::uint64_t code) {
  stream.silent = true;
  connection_->reset_stream(id, code);
  if (stream.known) events_.on_stream_closed(id, now_);
}

}  // namespace oneping::masque
