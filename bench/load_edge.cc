// Plays the edge towards one connector: takes its registration, whatever its secret, sends it the
// echo requests of many made-up clients, and checks each answer.
//
// It prints {"ready": 1} when the connections have registered. Then each line on standard input is
// the options of one run, for example `--window 256 --seconds 2`; the answer is one line of JSON.
// It ends with its input.
#include <fcntl.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "flow_requests.h"
#include "io/event_loop.h"
#include "io/udp_socket.h"
#include "load_options.h"
#include "output.h"
#include "program.h"
#include "quic/crypto.h"
#include "quic/endpoint.h"
#include "quic/tls.h"
#include "tunnel/edge_connection.h"

namespace oneping::bench {
namespace {

constexpr std::size_t kRequestsPerTurn = 256;

struct Options {
  std::string listen;
  std::string certificate;
  std::string key;
  std::size_t connections = 4;
};

std::shared_ptr<const quic::TlsContext> tls_of(const Options& options) {
  return take(quic::TlsContext::server({.certificate_pem = read_file(options.certificate),
                                        .key_pem = read_file(options.key),
                                        .alpn = {"argotunnel"}}));
}

// One line of standard input: what to send, and how.
struct Run {
  Run(const FlowOptions& flows, const LoadOptions& load, Time start)
      : requests(flows), meter(load, start) {}
  FlowRequests requests;
  LoadMeter meter;
  double cpu_before = -1;
  std::uint64_t queue_drops_before = 0;
  std::uint64_t wrong = 0;  // packets from the connector that answer nothing
};

class LoadEdge final : public quic::Acceptor, public tunnel::EdgeConnectionEvents {
 public:
  explicit LoadEdge(const Options& options)
      : wanted_(options.connections),
        socket_(take(UdpSocket::open({.local = SocketAddress::parse(options.listen).value()}))),
        endpoint_({}, tls_of(options), random_, this) {}

  void run() {
    take(loop_.watch(socket_->fd(), [this] { on_socket(); }));
    take(loop_.watch(STDIN_FILENO, [this] { on_command(); }));
    loop_.run({.on_deadline = [this](Time now) { endpoint_.on_time(now); },
               .on_turn_end = [this](Time now) { on_turn_end(now); }});
  }

  quic::ConnectionEvents& on_connection(quic::Connection& connection, Time) override {
    connections_.push_back(std::make_unique<tunnel::EdgeConnection>(connection, pool_, *this));
    return *connections_.back();
  }

  tunnel::RegistrationAnswer on_register(tunnel::EdgeConnection& connection,
                                         const tunnel::Registration& registration, Time) override {
    registered_.push_back(&connection);
    tunnel::RegistrationAccepted accepted{.location = "bench", .remotely_managed = false};
    accepted.connection_id[0] = registration.connection_index;
    return accepted;
  }

  void on_unregister(tunnel::EdgeConnection& connection, Time) override {
    std::erase(registered_, &connection);
  }

  void on_packet(tunnel::EdgeConnection&, Bytes packet, Time now) override {
    if (!current_) return;
    const auto number = current_->requests.match(packet);
    if (!number || !current_->meter.on_reply(*number, now)) ++current_->wrong;
  }

  void on_bad_datagram(tunnel::EdgeConnection&, DropReason, Time) override {
    if (current_) ++current_->wrong;
  }

  // Nothing of that is asked for.
  void on_udp_answer(tunnel::EdgeConnection&, const Uuid&, const tunnel::UdpAnswer&,
                     Time) override {}
  void on_udp_payload(tunnel::EdgeConnection&, const Uuid&, Bytes, Time) override {}
  void on_udp_end(tunnel::EdgeConnection&, const Uuid&, Time) override {}
  void on_connect_answer(tunnel::EdgeConnection&, quic::StreamId, const std::string&,
                         Time) override {}

  void on_closed(tunnel::EdgeConnection& connection, const quic::CloseInfo& info, Time) override {
    std::fprintf(stderr, "load_edge: a connection closed: %s\n", info.reason.c_str());
    std::erase(registered_, &connection);
    closed_.push_back(&connection);
  }

 private:
  void on_socket() {
    socket_->read([this](const quic::Path& path, Bytes bytes, std::size_t segment_size) {
      endpoint_.on_packets(path, bytes, segment_size, loop_.now());
    });
  }

  void on_turn_end(Time now) {
    for (const tunnel::EdgeConnection* closed : std::exchange(closed_, {})) {
      std::erase_if(connections_,
                    [&](const auto& connection) { return connection.get() == closed; });
    }
    for (const auto& connection : connections_) connection->run(now);
    if (!is_ready_ && registered_.size() >= wanted_) {
      is_ready_ = true;
      std::puts("{\"ready\": 1}");
      std::fflush(stdout);
    }
    Time next = kNever;
    if (current_) next = drive(now);
    endpoint_.flush(now, *socket_);
    socket_->flush();
    loop_.set_deadline(std::min(next, endpoint_.next_deadline()));
  }

  // Sends what is due, and says when it wants to be called again.
  Time drive(Time now) {
    LoadMeter& meter = current_->meter;
    if (current_->cpu_before < 0 && meter.is_measuring(now)) current_->cpu_before = cpu_seconds();
    const std::size_t due = std::min(meter.due(now), kRequestsPerTurn);
    for (std::size_t i = 0; i < due; ++i) send(meter.next_number(), now);
    if (meter.is_finished(now)) {
      finish();
      return kNever;
    }
    constexpr Duration kLongest = std::chrono::milliseconds(10);
    return due == kRequestsPerTurn ? now : std::min(meter.next_due(), now + kLongest);
  }

  // What the tunnel does not take counts as sent, and so as lost.
  void send(std::uint64_t number, Time now) {
    current_->meter.on_sent(now);
    if (registered_.empty()) return;
    auto packet = current_->requests.make(pool_, number);
    tunnel::EdgeConnection& connection = *registered_[number % registered_.size()];
    if (packet) static_cast<void>(connection.link().send(*packet, now));
  }

  void finish() {
    const auto complain = [](std::uint64_t count, const char* what) {
      if (count == 0) return;
      std::fprintf(stderr, "load_edge: %llu %s\n", static_cast<unsigned long long>(count), what);
    };
    complain(current_->wrong, "packets answered nothing");
    complain(queue_drops() - current_->queue_drops_before, "requests dropped in its own queues");
    print(current_->meter.report(), cpu_seconds() - current_->cpu_before);
    current_.reset();
  }

  std::uint64_t queue_drops() const {
    std::uint64_t drops = 0;
    for (tunnel::EdgeConnection* connection : registered_) {
      drops += connection->quic().datagram_counters().dropped();
    }
    return drops;
  }

  void on_command() {
    char bytes[4096];
    const ssize_t size = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (size <= 0) {
      for (const auto& connection : connections_) connection->close("the bench is over");
      registered_.clear();
      connections_.clear();
      loop_.stop();
      return;
    }
    input_.append(bytes, static_cast<std::size_t>(size));
    const auto end = input_.find('\n');
    if (end == input_.npos || current_) return;
    start(input_.substr(0, end));
    input_.erase(0, end + 1);
  }

  void start(const std::string& line) {
    CLI::App app;
    LoadOptions load;
    FlowOptions flows;
    std::string destination;
    add_load_options(app, load);
    app.add_option("--destination", destination)->required();
    app.add_option("--flows", flows.flows)->check(CLI::PositiveNumber);
    app.add_option("--payload", flows.payload)->check(CLI::Range(8, 1200));
    app.parse(line);
    flows.destination = IpAddress::parse(destination).value();
    flows.first = std::exchange(next_first_, next_first_ + (std::uint64_t{1} << 32));
    current_ = std::make_unique<Run>(flows, load, loop_.now());
    current_->queue_drops_before = queue_drops();
  }

  std::size_t wanted_;
  EventLoop loop_;
  quic::SecureRandom random_;
  PacketPool pool_;
  std::unique_ptr<UdpSocket> socket_;
  quic::Endpoint endpoint_;
  std::vector<std::unique_ptr<tunnel::EdgeConnection>> connections_;
  std::vector<tunnel::EdgeConnection*> registered_;
  std::vector<tunnel::EdgeConnection*> closed_;  // to be destroyed at the turn's end
  std::unique_ptr<Run> current_;
  std::string input_;
  std::uint64_t next_first_ = 0;
  bool is_ready_ = false;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Plays the edge towards one connector.");
  app.add_option("--listen", options.listen, "ADDRESS:PORT")->required();
  app.add_option("--certificate", options.certificate, "PEM file")->required();
  app.add_option("--key", options.key, "PEM file")->required();
  app.add_option("--connections", options.connections, "to wait for before it is ready");
  CLI11_PARSE(app, argc, argv);
  LoadEdge(options).run();
  return 0;
}

}  // namespace
}  // namespace oneping::bench

int main(int argc, char** argv) {
  return oneping::bench::run_program("load_edge", oneping::bench::run, argc, argv);
}
