#include "edge/port_checks.h"

#include <algorithm>
#include <cctype>

namespace oneping::edge {

namespace {

using Outcome = PortReport::Outcome;

Outcome outcome_of(probe::UdpCheck::Outcome outcome) {
  switch (outcome) {
    case probe::UdpCheck::Outcome::silent: return Outcome::silent;
    case probe::UdpCheck::Outcome::answered: return Outcome::open;
    case probe::UdpCheck::Outcome::refused: return Outcome::refused;
    case probe::UdpCheck::Outcome::unreachable: return Outcome::unreachable;
  }
  return Outcome::unknown;
}

bool shows_life(Outcome outcome) { return outcome == Outcome::open || outcome == Outcome::refused; }

}  // namespace

std::string_view to_string(Transport transport) {
  return transport == Transport::tcp ? "tcp" : "udp";
}

PortReport::Outcome outcome_of_connect(std::string_view error) {
  if (error.empty()) return Outcome::open;
  std::string words(error);
  std::ranges::transform(words, words.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto says = [&](std::string_view what) { return words.find(what) != std::string::npos; };
  if (says("connection refused")) return Outcome::refused;
  if (says("timed out") || says("timeout")) return Outcome::silent;
  if (says("no route to host") || says("unreachable") || says("prohibited")) {
    return Outcome::unreachable;
  }
  return Outcome::unknown;
}

PortChecks::PortChecks(const IpAddress& source, const PathQuestion& question,
                       const TunnelTable& tunnels, const probe::ToolHost& host)
    : question_(question), tunnels_(tunnels) {
  if (question.port && question.port->transport == Transport::udp) {
    udp_.emplace(source, SocketAddress{question.to, question.port->number}, host);
  }
}

PortChecks::~PortChecks() {
  for (const Call& call : calls_) give_up(call);
}

void PortChecks::start(std::optional<ConnectionRef> way, Time now) {
  if (!question_.port) return;
  if (udp_) return udp_->start(now);
  if (way && ask(*way, question_.port->number, false, now)) return;
  port_ = PortReport{Transport::tcp, question_.port->number, Outcome::unknown,
                     "no connector could be asked to try it"};
}

void PortChecks::look_for_life(std::optional<ConnectionRef> way, Time now) {
  if (!way || std::exchange(has_looked_for_life_, true)) return;
  for (const std::uint16_t port : kLikelyPorts) static_cast<void>(ask(*way, port, true, now));
}

bool PortChecks::ask(ConnectionRef way, std::uint16_t port, bool is_for_life, Time now) {
  const LiveConnection* live = tunnels_.connections().find(way);
  if (live == nullptr) return false;
  const auto call = live->connection->ask_connect({question_.to, port});
  if (call) calls_.push_back({way, *call, port, is_for_life, now + kPatience});
  return call.has_value();
}

void PortChecks::on_connect_answer(ConnectionRef connection, quic::StreamId stream,
                                   const std::string& error) {
  const auto found = std::ranges::find_if(calls_, [&](const Call& call) {
    return call.connection == connection && call.stream == stream;
  });
  if (found == calls_.end()) return;
  const Call call = *found;
  calls_.erase(found);
  conclude(call, {Transport::tcp, call.port, outcome_of_connect(error), error});
}

void PortChecks::conclude(const Call& call, PortReport report) {
  if (!call.is_for_life) {
    port_ = std::move(report);
  } else if (!life_ && shows_life(report.outcome)) {
    life_ = std::move(report);
    // One sign is enough.
    std::erase_if(calls_, [&](const Call& other) {
      if (other.is_for_life) give_up(other);
      return other.is_for_life;
    });
  }
}

void PortChecks::give_up(const Call& call) const {
  const LiveConnection* live = tunnels_.connections().find(call.connection);
  if (live != nullptr) live->connection->give_up_connect(call.stream);
}

void PortChecks::on_time(Time now) {
  if (udp_ && udp_->next_time() <= now) udp_->on_time(now);
  for (std::size_t i = calls_.size(); i-- > 0;) {
    if (i >= calls_.size()) continue;
    const Call call = calls_[i];
    const bool is_lost = tunnels_.connections().find(call.connection) == nullptr;
    if (!is_lost && call.give_up > now) continue;
    calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(i));
    give_up(call);
    conclude(call,
             is_lost ? PortReport{Transport::tcp, call.port, Outcome::unknown,
                                  "the connector that was asked has gone"}
                     : PortReport{Transport::tcp, call.port, Outcome::silent, "nothing came back"});
  }
}

Time PortChecks::next_time() const {
  Time next = udp_ ? udp_->next_time() : kNever;
  for (const Call& call : calls_) next = std::min(next, call.give_up);
  return next;
}

std::optional<PortReport> PortChecks::port() const {
  if (!udp_) return port_;
  if (!udp_->is_done()) return std::nullopt;
  return PortReport{Transport::udp, question_.port->number, outcome_of(udp_->outcome()),
                    udp_->detail()};
}

}  // namespace oneping::edge
