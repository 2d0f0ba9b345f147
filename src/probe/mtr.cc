#include "probe/mtr.h"

#include <algorithm>
#include <utility>

#include "probe/mtr_json.h"
#include "probe/mtr_report.h"

namespace oneping::probe {

namespace {

using namespace std::chrono_literals;

constexpr unsigned kReportRounds = 10;

std::size_t data_size(const MtrOptions& options) {
  const std::size_t headers = ip_header_size(options.source.family()) + kIcmpHeaderSize;
  return std::max(options.packet_size, headers) - headers;
}

}  // namespace

Mtr::Mtr(MtrOptions options, const ToolHost& host)
    : options_(std::move(options)),
      host_(host),
      names_(host_.names, options_.naming),
      table_(options_.source, options_.destination,
             static_cast<std::uint16_t>(host_.random.next())),
      path_(options_),
      data_(data_size(options_), options_.bit_pattern),
      ttl_(options_.first_ttl),
      hops_in_round_(kMtrFirstGuess) {
  options_.interval = std::max<Duration>(options_.interval, 10ms);
  if (!options_.count && options_.output != MtrOutput::screen) options_.count = kReportRounds;
}

void Mtr::start(Time now) { next_time_ = now + step(); }

void Mtr::on_time(Time now) {
  if (is_done_ || now < next_time_) return;
  if (is_in_grace_) return report_when_named();
  if (options_.count && rounds_ >= *options_.count) {
    is_in_grace_ = true;
    next_time_ = now + options_.grace;
    return;
  }
  send(now);
  next_time_ = now + step();
}

void Mtr::send(Time now) {
  MtrHop& hop = path_.hop(ttl_);
  const auto tag = static_cast<std::uint32_t>(table_.counts().sent % 65536);
  if (sent_.size() <= tag) sent_.resize(tag + 1);
  sent_[tag] = {.ttl = ttl_, .number = hop.history.add(), .run = run_};
  const EchoIdentity identity = table_.add(tag, now);
  const EchoProbe probe{.source = options_.source,
                        .destination = options_.destination,
                        .hop_limit = static_cast<std::uint8_t>(ttl_),
                        .traffic_class = options_.traffic_class};
  const auto refusal = send_echo(host_, probe, identity, data_, now);
  hop.statistics.count_sent();
  if (refusal) {
    table_.give_up(identity.sequence);
    refusal_ = refusal;
    if (refusal->reason == DropReason::too_big) {
      hop.mtu = static_cast<std::uint32_t>(refusal->mtu);
    }
  } else {
    has_sent_ = true;
  }
  has_changed_ = true;
  if (ends_round()) {
    ++rounds_;
    ttl_ = options_.first_ttl;
  } else {
    ++ttl_;
  }
}

bool Mtr::ends_round() {
  unsigned unknown = 0;
  for (unsigned ttl = options_.first_ttl; ttl < ttl_; ++ttl) {
    if (!path_.hop(ttl).address) ++unknown;
    // The path turned out to be shorter than this round goes.
    if (path_.ends_at(ttl)) {
      hops_in_round_ = ttl;
      return true;
    }
  }
  if (path_.ends_at(ttl_) || unknown > options_.max_unknown || ttl_ >= options_.max_ttl) {
    hops_in_round_ = ttl_;
    return true;
  }
  return false;
}

void Mtr::on_packet(Bytes packet, Time now) {
  if (is_done_) return;
  const auto answer = read_answer(packet);
  if (!answer) return;
  const auto match = table_.match(*answer, now);
  if (!match || match->order != ProbeTable::Order::first) return;
  const Sent& sent = sent_[match->tag];
  if (sent.run != run_) return;
  MtrHop& hop = path_.hop(sent.ttl);
  hop.on_answer(answer->from);
  hop.is_unreachable = !answer->is_reply() && !answer->is_hop_limit_exceeded();
  hop.error.reset();
  if (hop.is_unreachable) hop.error = {answer->type, answer->code};
  if (const auto mtu = answer->mtu()) hop.mtu = mtu;
  hop.statistics.count_answer(match->round_trip);
  hop.history.on_answer(sent.number, match->round_trip);
  has_changed_ = true;
  // Asked for now, so that it is there when it is printed.
  static_cast<void>(names_.find(answer->from));
}

void Mtr::on_name(const IpAddress& address, std::string_view name) {
  names_.on_name(address, name);
  has_changed_ = true;
  if (waits_for_names_ && !is_done_) report_when_named();
}

void Mtr::interrupt() {
  if (is_done_) return;
  names_.stop_waiting();
  finish();
}

void Mtr::report_when_named() {
  waits_for_names_ = true;
  next_time_ = kNever;
  if (options_.output == MtrOutput::screen || has_all_names()) finish();
}

bool Mtr::has_all_names() {
  for (unsigned ttl = path_.first_ttl(); ttl <= path_.last_ttl(); ++ttl) {
    for (const IpAddress& address : path_.hop(ttl).addresses) {
      if (!names_.find(address)) return false;
    }
  }
  return true;
}

void Mtr::finish() {
  is_done_ = true;
  for (unsigned ttl = 1; ttl <= options_.max_ttl; ++ttl) path_.hop(ttl).statistics.give_up();
  if (!has_sent_ && refusal_) {
    host_.text.err("mtr: sending probes: " + std::string(refusal_->text()) + "\n");
  }
  switch (options_.output) {
    case MtrOutput::screen: break;
    case MtrOutput::report:
    case MtrOutput::wide_report: host_.text.out(mtr_report(options_, path_, names_, legs_)); break;
    case MtrOutput::json: host_.text.out(mtr_json(options_, path_, names_, legs_)); break;
  }
}

std::string Mtr::screen(ScreenSize size, const std::string& clock) {
  return mtr_screen(options_, path_, names_, legs_, screen_, size, clock);
}

bool Mtr::take_change() { return std::exchange(has_changed_, false); }

}  // namespace oneping::probe
