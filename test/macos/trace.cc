// A traceroute by the echo backend for macOS alone, to be tried by hand on a Mac: `trace ADDRESS`.
// Nothing of it needs a privilege there; on Linux, where raw sockets stand in, it needs root.
#include <fmt/core.h>
#include <poll.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "io/echo_darwin.h"
#include "io/system_error.h"

namespace {

using namespace oneping;

constexpr std::uint8_t kMaxHops = 16;
constexpr std::chrono::seconds kPatience{2};

struct Hops final : EchoReplies {
  void on_echo_reply(const EchoSlot& slot, const EchoReply& reply, Time) override {
    is_there = true;
    note(slot, fmt::format("{} answers, hop limit {}", reply.source.to_string(), reply.hop_limit));
  }
  void on_echo_error(const EchoSlot& slot, const EchoError& error, Time) override {
    note(slot, fmt::format("{} says type {} code {} about {}", error.offender.to_string(),
                           error.type, error.code, error.destination.to_string()));
  }
  bool on_echo_failure(const EchoSlot& slot, const EchoFailure& failure, Time) override {
    note(slot, fmt::format("not sent: {}", to_string(failure.reason)));
    return false;
  }
  void note(const EchoSlot& slot, std::string text) {
    if (slot.sequence < texts.size()) texts[slot.sequence] = std::move(text);
  }
  std::array<std::string, kMaxHops + 1> texts;
  bool is_there = false;
};

struct SystemRandom final : Random {
  void fill(MutableBytes bytes) override {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(device());
  }
  std::random_device device;
};

void wait_for_answer(EchoDarwin& echo, Hops& hops, std::size_t hop) {
  std::vector<pollfd> fds;
  for (const int fd : echo.descriptors()) fds.push_back({fd, POLLIN, 0});
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (hops.texts[hop].empty() && std::chrono::steady_clock::now() < end) {
    poll(fds.data(), static_cast<nfds_t>(fds.size()), 100);
    for (std::size_t i = 0; i < fds.size(); ++i) echo.on_readable(i, hops, Time{});
  }
}

}  // namespace

int main(int count, char** arguments) {
  const auto destination = count == 2 ? IpAddress::parse(arguments[1]) : std::nullopt;
  if (!destination) {
    fmt::print(stderr, "usage: trace ADDRESS\n");
    return 2;
  }
  const auto host = HostAddresses::open();
  if (!host) {
    fmt::print(stderr, "{}\n", host.error().message);
    return 1;
  }
  SystemRandom random;
  EchoDarwin echo({.channels = 1}, DarwinSockets::open_all(), *host, random);
  if (const int error = echo.open_error(destination->family())) {
    fmt::print(stderr, "ICMP is unavailable: {}\n", errno_text(error));
    return 1;
  }
  const auto kind =
      destination->is_v4() ? EchoChannelKind::v4_dont_fragment : EchoChannelKind::v6_dont_fragment;
  const std::array<std::uint8_t, 32> payload{};
  Hops hops;
  for (std::uint8_t hop = 1; hop <= kMaxHops && !hops.is_there; ++hop) {
    const EchoRequest request{
        .destination = *destination, .hop_limit = hop, .traffic_class = 0, .payload = payload};
    if (echo.send({kind, 0, hop}, request, Time{})) return 1;
    echo.flush(hops, Time{});
    wait_for_answer(echo, hops, hop);
    fmt::print("{:2}  {}\n", hop, hops.texts[hop].empty() ? "*" : hops.texts[hop]);
  }
  return hops.is_there ? 0 : 1;
}
