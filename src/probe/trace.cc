#include "probe/trace.h"

#include <algorithm>

#include "probe/error_words.h"
#include "probe/format.h"
#include "probe/legs_text.h"
#include "probe/trace_json.h"
#include "probe/trace_text.h"

namespace oneping::probe {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kDefaultSize = 40;  // behind the IP header
// How long to leave a link alone that has no room.
constexpr Duration kSendAgain = 10ms;

// traceroute's pattern: letters and such, by the place in the ICMP message.
std::vector<std::uint8_t> make_data(std::size_t size) {
  std::vector<std::uint8_t> data(size);
  for (std::size_t i = 0; i < size; ++i) {
    data[i] = static_cast<std::uint8_t>(0x40 + ((i + kIcmpHeaderSize) & 0x3f));
  }
  return data;
}

std::size_t data_size(const TraceOptions& options) {
  const std::size_t headers = ip_header_size(options.source.family()) + kIcmpHeaderSize;
  if (!options.packet_size) return kDefaultSize - kIcmpHeaderSize;
  return *options.packet_size < headers ? 0 : *options.packet_size - headers;
}

}  // namespace

Trace::Trace(TraceOptions options, const ToolHost& host)
    : options_(std::move(options)),
      host_(host),
      names_(host_.names, options_.naming),
      table_(options_.source, options_.destination,
             static_cast<std::uint16_t>(host_.random.next())),
      probes_(options_),
      data_(make_data(data_size(options_))),
      first_pending_(std::size_t{options_.first_hop - 1} * options_.queries),
      next_to_print_(first_pending_),
      end_(probes_.size()) {}

void Trace::start(Time now) {
  if (options_.output == TraceOutput::text) {
    host_.text.out(trace_header(options_, packet_size()));
  }
  advance(now);
}

void Trace::on_time(Time now) { advance(now); }

void Trace::advance(Time now) {
  if (is_done_) return;
  next_time_ = kNever;
  look(now);
  if (!is_done_) print();
}

void Trace::look(Time now) {
  std::size_t out = 0;
  bool has_sent = false;
  for (std::size_t i = first_pending_; i < end_; ++i) {
    TraceProbe& probe = probes_[i];
    if (i == first_pending_ && !probe.done && probe.sent &&
        *probe.sent + probes_.patience(i) <= now) {
      table_.give_up(probe.sequence);
      probes_.expire(i);
    }
    if (!probe.sent) {
      // In a turn of its own, so that no probe's time holds that of those which leave with it.
      if (has_sent) {
        next_time_ = now;
        return;
      }
      if (last_sent_ && *last_sent_ + options_.send_wait > now) {
        next_time_ = std::min(next_time_, *last_sent_ + options_.send_wait);
        return;
      }
      if (!send(i, now)) return;
      has_sent = true;
    }
    if (probe.done) {
      if (i == first_pending_) ++first_pending_;
      if (probe.final) end_ = probes_.end_of_hop(i);
      continue;
    }
    // Only the first is waited for; the others get their turn.
    if (i == first_pending_) next_time_ = *probe.sent + probes_.patience(i);
    if (++out >= options_.sim_queries) return;
  }
}

bool Trace::send(std::size_t index, Time now) {
  TraceProbe& probe = probes_[index];
  const EchoIdentity identity = table_.add(static_cast<std::uint32_t>(index), now);
  const EchoProbe echo{.source = options_.source,
                       .destination = options_.destination,
                       .hop_limit = probes_.hop_of(index),
                       .traffic_class = options_.traffic_class,
                       .dont_fragment = options_.dont_fragment};
  const auto refusal = send_echo(host_, echo, identity, data_, now);
  if (refusal) table_.give_up(identity.sequence);
  if (refusal && refusal->passes_soon()) {
    next_time_ = std::min(next_time_, now + kSendAgain);
    return false;
  }
  if (refusal && refusal->reason != DropReason::too_big) {
    host_.text.err("\nsend: " + std::string(refusal->text()) + "\n");
    exit_code_ = 1;
    end_ = first_pending_;
    finish();
    return false;
  }
  probe.sent = last_sent_ = now;
  probe.sequence = identity.sequence;
  if (refusal) {
    probe.done = probe.final = true;
    probe.round_trip = Duration::zero();
    probe.mtu = static_cast<std::uint32_t>(refusal->mtu);
    probe.mark = format("!F-%zu", refusal->mtu);
  }
  return true;
}

void Trace::on_packet(Bytes packet, Time now) {
  if (is_done_) return;
  const auto answer = read_answer(packet);
  if (!answer) return;
  const auto match = table_.match(*answer, now);
  if (!match || match->order != ProbeTable::Order::first) return;
  // Whoever else replies is not what we trace the path to.
  if (answer->is_reply() && !match->from_destination) return;
  TraceProbe& probe = probes_[match->tag];
  if (probe.done || probe.sequence != answer->identity.sequence) return;
  probe.done = true;
  probe.final = !answer->is_hop_limit_exceeded();
  probe.from = answer->from;
  probe.round_trip = match->round_trip;
  probe.hop_limit = answer->hop_limit;
  if (!answer->is_reply()) probe.mark = trace_mark(*answer);
  probe.mtu = answer->mtu();
  advance(now);
}

void Trace::on_name(const IpAddress& address, std::string_view name) {
  names_.on_name(address, name);
  if (!is_done_) print();
}

void Trace::interrupt() {
  if (is_done_) return;
  names_.stop_waiting();
  end_ = first_pending_;
  print();
}

void Trace::print() {
  for (; next_to_print_ < first_pending_; ++next_to_print_) {
    const auto named = trace_named(probes_, next_to_print_);
    const auto name = named ? names_.find(*named) : "";
    if (!name) return;
    if (options_.output == TraceOutput::json) continue;
    host_.text.out(trace_probe_text(probes_, next_to_print_, options_.naming, *name));
  }
  if (next_to_print_ >= end_) finish();
}

void Trace::finish() {
  is_done_ = true;
  if (options_.output == TraceOutput::json) {
    host_.text.out(trace_json(options_, packet_size(), probes_, next_to_print_, names_, legs_));
  } else if (exit_code_ == 0) {
    host_.text.out("\n" + legs_line());
  }
}

std::string Trace::legs_line() const {
  const auto round_trip = probes_.shortest_to(options_.destination, next_to_print_);
  if (!options_.legs || !round_trip) return {};
  const auto times = legs_.of(*round_trip);
  return times ? legs_text(*times) : "";
}

std::size_t Trace::packet_size() const {
  return ip_header_size(options_.source.family()) + kIcmpHeaderSize + data_.size();
}

}  // namespace oneping::probe
