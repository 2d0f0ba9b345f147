#include "probe/ping.h"

#include <algorithm>

#include "probe/format.h"
#include "probe/ping_text.h"

namespace oneping::probe {

namespace {

using namespace std::chrono_literals;

// The data counts up, as always in iputils. Where that one keeps the time of sending we have random
// bytes: they tell one run's packets from another's, and nobody anything.
std::vector<std::uint8_t> make_data(std::size_t size, Random& random) {
  std::vector<std::uint8_t> data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i);
  random.fill(MutableBytes(data).first(std::min(size, kPingTimeSize)));
  return data;
}

}  // namespace

Ping::Ping(PingOptions options, const ToolHost& host)
    : options_(std::move(options)),
      host_(host),
      names_(host_.names, options_.naming),
      text_(names_, host_.text),
      table_(options_.source, options_.destination,
             static_cast<std::uint16_t>(host_.random.next())),
      data_(make_data(options_.size, host_.random)) {
  options_.interval = std::max<Duration>(options_.interval, 1ms);
}

void Ping::start(Time now) {
  started_ = now;
  if (options_.deadline) deadline_ = now + *options_.deadline;
  if (options_.output == PingOutput::json) {
    host_.text.out(json_.begin(options_));
  } else {
    auto header = ping_header(options_);
    if (options_.destination.is_v4()) {
      text_.add(header.before + options_.destination.to_string() + header.after);
    } else {
      text_.add(std::move(header), options_.destination);
    }
  }
  send(now);
}

void Ping::on_time(Time now) {
  if (is_finished_) return;
  if (deadline_ <= now || linger_end_ <= now) return finish();
  if (next_send_ <= now) send(now);
}

void Ping::send(Time now) {
  last_sent_ = now;
  const EchoIdentity identity = table_.add(0, now);
  const bool dont_fragment = options_.path_mtu == PathMtu::always ||
                             (options_.path_mtu == PathMtu::want && !path_is_narrow_);
  const EchoProbe probe{.source = options_.source,
                        .destination = options_.destination,
                        .hop_limit = options_.hop_limit,
                        .traffic_class = options_.traffic_class,
                        .dont_fragment = dont_fragment};
  const auto refusal = send_echo(host_, probe, identity, data_, now);
  statistics_.count_sent();
  if (refusal) on_refusal(identity.sequence, *refusal);
  if (is_satisfied()) return finish();
  if (!has_sent_all()) {
    next_send_ = now + options_.interval;
    return;
  }
  next_send_ = kNever;
  const Duration patience =
      statistics_.received() == 0
          ? options_.linger
          : std::max<Duration>(std::chrono::microseconds(2 * statistics_.longest()),
                               options_.interval);
  linger_end_ = now + patience;
}

void Ping::on_refusal(std::uint16_t sequence, const Refusal& refusal) {
  table_.give_up(sequence);
  const bool too_big = refusal.reason == DropReason::too_big;
  if (too_big) statistics_.count_error();
  if (options_.quiet) return;
  if (options_.output == PingOutput::json) {
    host_.text.out(json_.refusal(sequence, refusal));
  } else if (too_big) {
    const char* const equals = options_.source.is_v4() ? "=" : ": ";
    host_.text.err(format("ping: local error: message too long, mtu%s%zu\n", equals, refusal.mtu));
  } else {
    host_.text.err("ping: sendmsg: " + std::string(refusal.text()) + "\n");
  }
}

void Ping::on_packet(Bytes packet, Time now) {
  if (is_finished_) return;
  const auto answer = read_answer(packet);
  if (!answer) return;
  const auto match = table_.match(*answer, now);
  if (!match) return;
  if (answer->is_reply()) {
    on_reply(*answer, *match, now);
  } else {
    on_error(*answer, now);
  }
  if (is_satisfied()) finish();
}

void Ping::on_reply(const Answer& reply, const ProbeTable::Match& match, Time now) {
  statistics_.count_reply(match.is_duplicate, match.round_trip);
  statistics_.note_in_flight(reply.identity.sequence);
  leg_averages_.add(legs_, match.round_trip);
  if (options_.quiet) return;
  if (options_.output == PingOutput::json) {
    host_.text.out(json_.reply(reply, match, legs_));
  } else {
    write(ping_reply(options_, reply, match, data_), reply.from, now);
  }
}

void Ping::on_error(const Answer& error, Time now) {
  statistics_.count_error();
  // iputils notes it for IPv4 only, and so its pipe shows it.
  if (error.family == IpFamily::v4) statistics_.note_in_flight(error.identity.sequence);
  if (error.mtu()) path_is_narrow_ = true;
  if (options_.quiet) return;
  if (options_.output == PingOutput::json) {
    host_.text.out(json_.error(error));
  } else {
    write(ping_error(error), error.from, now);
  }
}

void Ping::write(SplitText line, const IpAddress& who, Time now) {
  line.before.insert(0, ping_timestamp(options_, now));
  text_.add(std::move(line), who);
}

void Ping::on_name(const IpAddress& address, std::string_view name) {
  names_.on_name(address, name);
  text_.flush();
}

void Ping::interrupt() {
  if (!is_finished_) finish();
  text_.flush_all();
}

void Ping::show_status() { host_.text.err(ping_status(options_, statistics_)); }

Time Ping::next_time() const {
  return is_finished_ ? kNever : std::min({next_send_, deadline_, linger_end_});
}

int Ping::exit_code() const {
  const bool too_few =
      options_.deadline && options_.count && statistics_.received() < *options_.count;
  return statistics_.received() == 0 || too_few ? 1 : 0;
}

bool Ping::has_sent_all() const {
  return options_.count && statistics_.sent() >= *options_.count && !options_.deadline;
}

bool Ping::is_satisfied() const {
  const auto answers = statistics_.received() + statistics_.errors();
  return (options_.count && answers >= *options_.count) ||
         (options_.deadline && statistics_.errors() > 0);
}

void Ping::finish() {
  is_finished_ = true;
  const Duration elapsed = last_sent_ - started_;
  if (options_.output == PingOutput::json) {
    host_.text.out(json_.end(statistics_, leg_averages_, elapsed));
  } else {
    text_.add(ping_summary(options_, statistics_, leg_averages_, elapsed));
  }
}

}  // namespace oneping::probe
