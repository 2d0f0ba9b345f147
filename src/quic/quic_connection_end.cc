// How a connection ends.
#include <algorithm>
#include <utility>

#include "quic/close_reason.h"
#include "quic/quic_connection.h"

namespace oneping::quic {

void QuicConnection::close(std::uint64_t code, std::string_view reason) {
  events_ = nullptr;  // also if it has ended already and the user has not heard yet
  if (!is_open()) return;
  constexpr std::size_t kMaxReason = 256;
  farewell_reason_ = reason.substr(0, kMaxReason);
  farewell_ = compat::application_error(code, farewell_reason_);
  leave(Phase::farewell);
}

void QuicConnection::on_read_error(int error) {
  if (path_lost_) error = NGTCP2_ERR_NO_VIABLE_PATH;
  if (error == NGTCP2_ERR_DRAINING) {
    end(was_reset_ ? stateless_reset() : closed_by_peer(compat::error_of_peer(conn_.get()), ready_),
        Phase::draining);
  } else if (error == NGTCP2_ERR_CRYPTO) {
    const auto& refusal = tls_->refusal();
    const std::uint8_t alert = refusal ? refusal->alert : ngtcp2_conn_get_tls_alert(conn_.get());
    break_off(refused_by_us(alert, refusal ? refusal->reason : std::string()),
              compat::tls_alert_error(alert));
  } else if (error == NGTCP2_ERR_DROP_CONN || error == NGTCP2_ERR_RETRY ||
             error == NGTCP2_ERR_RECV_VERSION_NEGOTIATION) {
    end(broken(error, ready_), Phase::dead);  // there is nobody to say farewell to
  } else {
    break_off(broken(error, ready_), compat::library_error(error));
  }
}

void QuicConnection::break_off(CloseInfo info, const compat::CloseError& farewell) {
  farewell_ = farewell;
  end(std::move(info), Phase::farewell);
}

void QuicConnection::end(CloseInfo info, Phase next) {
  if (!ready_) ++state_.stats.handshakes_failed;
  untold_ = std::move(info);
  leave(next);
}

void QuicConnection::leave(Phase next) {
  count_out();
  datagrams_.drop_all(DropReason::link_down);
  phase_ = next;
  mark_dirty();
}

void QuicConnection::count_out() {
  --state_.open;
  if (is_server_ && !ready_) --state_.half_open;
}

void QuicConnection::tell_end(Time now) {
  if (!untold_) return;
  const CloseInfo info = *std::exchange(untold_, std::nullopt);
  mark_dirty();
  if (ConnectionEvents* const events = std::exchange(events_, nullptr)) {
    events->on_closed(info, now);
  }
}

void QuicConnection::say_farewell(PacketRuns& runs, Time now) {
  NativePath path;
  const MutableBytes space = runs.space();
  const ngtcp2_ssize size = ngtcp2_conn_write_connection_close(
      conn_.get(), path.get(), nullptr, space.data(), space.size(), &farewell_, to_native(now));
  if (size <= 0) {  // nothing has been exchanged yet
    phase_ = Phase::dead;
    return;
  }
  phase_ = Phase::closing;
  farewell_path_ = path.to_path();
  farewell_packet_.assign(space.begin(), space.begin() + size);
  repeat_farewell(runs);
}

// Repeats the farewell, ever more rarely, to where the peer is now, whom nobody has authenticated:
// so nothing much larger than what it sent (RFC 9000, 10.2.1 and 8.1).
void QuicConnection::hear_in_closing(const Path& path, Bytes packet) {
  ++heard_in_closing_;
  const bool is_power_of_two = (heard_in_closing_ & (heard_in_closing_ - 1)) == 0;
  if (!is_power_of_two || farewell_packet_.size() > 3 * packet.size()) return;
  farewell_path_ = path;
  repeat_farewell_ = true;
  mark_dirty();
}

void QuicConnection::repeat_farewell(PacketRuns& runs) {
  repeat_farewell_ = false;
  std::ranges::copy(farewell_packet_, runs.space().begin());
  runs.commit(farewell_path_, farewell_packet_.size());
  ++packets_sent_;
}

}  // namespace oneping::quic
