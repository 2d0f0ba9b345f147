// ping, trace and burst through the echo proxy of a Windows host: `oneping-icmp ping -c 3 ADDRESS`.
// The client is a made-up one behind this host, as if its packets had come through a tunnel; hop 1
// is this host. No privilege is needed.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>
#include <utility>

#include "io/windows_host.h"
#include "io/windows_icmp_helper.h"
#include "probe/ping.h"
#include "probe/trace.h"
#include "test/windows/burst.h"
#include "test/windows/hop.h"

// Last, for it makes macros of common words. Of the two, winsock2.h comes first.
#include <winsock2.h>
//
#include <windows.h>

namespace {

using namespace oneping;

Time clock_now() { return Time(std::chrono::steady_clock::now().time_since_epoch()); }

struct SystemRandom final : Random {
  void fill(MutableBytes bytes) override {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(device());
  }
  std::random_device device;
};

struct Console final : probe::TextSink {
  void out(std::string_view text) override { write(text, stdout); }
  void err(std::string_view text) override { write(text, stderr); }
  static void write(std::string_view text, std::FILE* file) {
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
  }
};

struct NoNames final : probe::NameSource {
  void ask(const IpAddress&) override {}
};

// What comes back for the tool waits here, so that it is never told within its own call.
struct Inbox final : Link {
  std::optional<DropReason> send(Packet& packet, Time) override {
    packets.push_back(std::move(packet));
    return std::nullopt;
  }
  std::size_t max_packet_size() const override { return PacketPool::kMaxLargeSize; }
  std::vector<Packet> packets;
};

struct Outlet final : Link {
  explicit Outlet(Hop& to) : hop(to) {}
  std::optional<DropReason> send(Packet& packet, Time now) override {
    hop.on_client_packet(std::move(packet), now);
    return std::nullopt;
  }
  std::size_t max_packet_size() const override { return PacketPool::kMaxLargeSize; }
  Hop& hop;
};

// Until `when`, or until the system has told something.
void wait_until(Time when) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - clock_now()).count();
  SleepEx(static_cast<DWORD>(std::clamp<std::int64_t>(left, 0, 1000)), TRUE);
}

void run(probe::Tool& tool, Hop& hop, Inbox& inbox) {
  tool.start(clock_now());
  std::vector<Packet> delivered;
  while (!tool.is_done()) {
    hop.run(clock_now());
    std::swap(inbox.packets, delivered);
    for (const Packet& packet : delivered) tool.on_packet(packet.bytes(), clock_now());
    delivered.clear();
    if (clock_now() >= tool.next_time()) tool.on_time(clock_now());
    if (tool.is_done() || !inbox.packets.empty()) continue;
    wait_until(
        std::min({tool.next_time(), hop.next_deadline(), clock_now() + std::chrono::seconds(1)}));
  }
}

struct Flags {
  std::string address;
  probe::PingOptions ping;
  probe::TraceOptions trace;
  std::uint64_t count = 0;
  double interval = 1;
  double patience = 5;
  std::string path_mtu = "want";
  std::size_t burst = 200;
};

int run(const CLI::App& app, Flags& flags) {
  const auto destination = IpAddress::parse(flags.address);
  if (!destination) {
    std::fprintf(stderr, "'%s' is no address\n", flags.address.c_str());
    return 2;
  }
  WindowsIcmpHelper helper;
  const WindowsHost host;
  EchoWindows echo({}, helper, host);
  if (const auto error = echo.open_error(destination->family())) {
    std::fprintf(stderr, "ICMP is unavailable for %s: error %u\n",
                 destination->is_v4() ? "IPv4" : "IPv6", static_cast<unsigned>(error));
    return 3;
  }
  // Of the blocks for documentation.
  const IpAddress client = *IpAddress::parse(destination->is_v4() ? "192.0.2.99" : "2001:db8::99");

  SystemRandom random;
  // Any packet may be a large one, as a client's may.
  PacketPool pool({.max_packet_size = PacketPool::kMaxLargeSize, .max_packets = 1024});
  Inbox inbox;
  Hop hop(echo, inbox, pool, random);
  Outlet outlet(hop);
  Console console;
  NoNames names;
  const probe::ToolHost tool_host{outlet, pool, random, console, names};

  const auto towards = [&](auto options) {
    options.host = flags.address;
    options.source = client;
    options.destination = *destination;
    options.naming = probe::Naming::numeric;
    return options;
  };
  const auto seconds = [](double value) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
  };
  if (app.got_subcommand("ping")) {
    if (flags.count > 0) flags.ping.count = flags.count;
    flags.ping.interval = seconds(flags.interval);
    flags.ping.linger = seconds(flags.patience);
    if (flags.path_mtu == "do") flags.ping.path_mtu = probe::PathMtu::always;
    if (flags.path_mtu == "dont") flags.ping.path_mtu = probe::PathMtu::dont_discover;
    probe::Ping ping(towards(flags.ping), tool_host);
    run(ping, hop, inbox);
    return ping.exit_code();
  }
  if (app.got_subcommand("trace")) {
    flags.trace.wait.max = seconds(flags.patience);
    probe::Trace trace(towards(flags.trace), tool_host);
    run(trace, hop, inbox);
    return trace.exit_code();
  }
  probe::Burst burst(flags.burst, client, *destination, tool_host);
  run(burst, hop, inbox);
  std::printf("%s, %zu at once\n", burst.summary().c_str(), hop.most_outstanding());
  return burst.exit_code();
}

}  // namespace

int main(int count, char** arguments) {
  WSADATA winsock;
  if (WSAStartup(MAKEWORD(2, 2), &winsock) != 0) return 1;
  Flags flags;
  CLI::App app("The echo proxy of a Windows host, tried from a client behind it");
  app.require_subcommand(1);
  auto* ping = app.add_subcommand("ping", "as oneping ping");
  ping->add_option("-c", flags.count, "requests");
  ping->add_option("-i", flags.interval, "seconds between them");
  ping->add_option("-s", flags.ping.size, "bytes of data")->check(CLI::Range(0, 65507));
  ping->add_option("-t", flags.ping.hop_limit, "hop limit")->check(CLI::Range(1, 255));
  ping->add_option("-Q", flags.ping.traffic_class, "traffic class")->check(CLI::Range(0, 255));
  ping->add_option("-M", flags.path_mtu)->check(CLI::IsMember({"do", "want", "dont"}));
  ping->add_option("-W", flags.patience, "seconds to wait for the last answer");
  auto* trace = app.add_subcommand("trace", "as oneping trace");
  trace->add_option("-q", flags.trace.queries, "requests for each hop")->check(CLI::Range(1, 10));
  trace->add_option("-N", flags.trace.sim_queries, "requests at once")->check(CLI::Range(1, 200));
  trace->add_option("-m", flags.trace.max_hops)->check(CLI::Range(1, 255));
  trace->add_option("-w", flags.patience, "seconds to wait for an answer");
  auto* burst = app.add_subcommand("burst", "many requests at once");
  burst->add_option("-c", flags.burst, "requests")->check(CLI::Range(1, 200));
  for (CLI::App* command : {ping, trace, burst}) {
    command->add_option("ADDRESS", flags.address)->required();
  }
  CLI11_PARSE(app, count, arguments);
  const int code = run(app, flags);
  WSACleanup();
  return code;
}
