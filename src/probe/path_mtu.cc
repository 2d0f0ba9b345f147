#include "probe/path_mtu.h"

#include <algorithm>
#include <vector>

#include "probe/echo_probe.h"
#include "wire/ip.h"

namespace oneping::probe {

namespace {

constexpr std::size_t kIpv4Smallest = 68;  // RFC 791, 3.2

}  // namespace

PathMtu::PathMtu(const IpAddress& source, const IpAddress& destination, const ToolHost& host)
    : source_(source),
      destination_(destination),
      host_(host),
      table_(source, destination, static_cast<std::uint16_t>(host.random.next())) {}

// No IPv6 link is narrower than 1280 (RFC 8200, 5); on IPv4 less than 576 is nowhere worth asking.
std::size_t PathMtu::smallest() const { return source_.is_v4() ? 576 : kIpv6MinMtu; }

std::size_t PathMtu::largest_to_ask() const {
  const std::size_t ours = std::min(host_.link.max_packet_size(), host_.pool.max_packet_size());
  return refused_ ? std::min(ours, *refused_ - 1) : ours;
}

void PathMtu::start(Time now) { ask(largest_to_ask(), now); }

void PathMtu::ask(std::size_t size, Time now) {
  size_ = size;
  is_making_sure_ = false;
  tries_left_ = kTries;
  send(now);
}

void PathMtu::make_sure(Time now) {
  size_ = *unanswered_;
  is_making_sure_ = true;
  tries_left_ = kTriesToBeSure;
  send(now);
}

void PathMtu::send(Time now) {
  --tries_left_;
  const Duration spacing = is_making_sure_ ? kSpacingToBeSure : kSpacing;
  deadline_ = now + (tries_left_ > 0 ? spacing : kWait);
  if (++probes_ > kMaxProbes) return finish();
  const std::vector<std::uint8_t> data(
      size_ - std::min(size_, ip_header_size(source_.family()) + kIcmpHeaderSize));
  const EchoIdentity identity = table_.add(static_cast<std::uint32_t>(size_), now);
  const EchoProbe probe{.source = source_, .destination = destination_, .dont_fragment = true};
  const auto refusal = send_echo(host_, probe, identity, data, now);
  if (!refusal) return;
  table_.give_up(identity.sequence);
  // The link has become narrower.
  if (refusal->reason == DropReason::too_big && refusal->mtu < size_ &&
      refusal->mtu >= smallest()) {
    return ask(refusal->mtu, now);
  }
  if (!refusal->passes_soon()) finish();
}

void PathMtu::on_packet(Bytes packet, Time now) {
  if (is_done_) return;
  const auto answer = read_answer(packet);
  if (!answer) return;
  const auto match = table_.match(*answer, now);
  if (!match) return;
  if (answer->is_reply()) return on_answered(match->tag, now);
  if (const auto mtu = answer->mtu()) return on_too_big(match->tag, answer->from, *mtu, now);
  if (match->tag == size_) finish();  // it does not get there at all
}

void PathMtu::on_too_big(std::size_t size, const IpAddress& from, std::size_t mtu, Time now) {
  if (refused_ && size >= *refused_) return;
  result_.told = PathMtuResult::Told{from, mtu};
  refused_ = size;
  if (unanswered_ && *unanswered_ >= size) unanswered_.reset();
  if (size > size_ && result_.largest != 0) return;  // what is asked about now may pass
  const std::size_t least = source_.is_v4() ? kIpv4Smallest : kIpv6MinMtu;
  // An old router does not know (RFC 1191, 5), a strange one says what cannot be.
  if (mtu < least || mtu >= size) return search(now);
  ask(mtu, now);
}

void PathMtu::on_answered(std::size_t size, Time now) {
  if (size != size_ && size <= result_.largest) return;
  result_.largest = std::max(result_.largest, size);
  if (unanswered_ && *unanswered_ <= size) unanswered_.reset();  // it was lost, or is late
  if (size < size_) return;
  const bool is_as_told = !refused_ || (result_.told && result_.told->mtu == size);
  if (!unanswered_ && is_as_told && (refused_ || size >= largest_to_ask())) return finish();
  search(now);
}

void PathMtu::on_time(Time now) {
  if (is_done_ || now < deadline_) return;
  if (tries_left_ > 0) return send(now);
  on_silence(now);
}

void PathMtu::on_silence(Time now) {
  if (size_ <= smallest()) return finish();  // nothing gets there
  unanswered_ = std::min(unanswered_.value_or(size_), size_);
  if (is_making_sure_) {
    result_.vanished = unanswered_;
    return finish();
  }
  search(now);
}

void PathMtu::search(Time now) {
  if (result_.largest == 0) return ask(smallest(), now);
  const std::size_t most = largest_to_ask();
  if (result_.largest >= most) return finish();
  if (unanswered_ && *unanswered_ > most) unanswered_.reset();
  if (!unanswered_) {
    const std::size_t told = result_.told ? result_.told->mtu : 0;
    if (told > result_.largest && told <= most) return ask(told, now);
    if (!refused_) return ask(most, now);
  }
  const std::size_t too_large = unanswered_.value_or(most + 1);
  if (too_large <= result_.largest) return finish();  // the path has changed meanwhile
  if (too_large - result_.largest > kCloseEnough) {
    return ask(result_.largest + (too_large - result_.largest) / 2, now);
  }
  if (too_large != unanswered_) return finish();  // that it is too large was said
  make_sure(now);
}

}  // namespace oneping::probe
