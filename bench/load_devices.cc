// Plays many devices towards one edge: each enrols with the key, opens its session, and then rests
// as a device at rest does.
//
// It prints {"sessions": N, "seconds": S} when all sessions are open, {"lost": N} when some are no
// more, and ends with its standard input.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "io/event_loop.h"
#include "io/udp_socket.h"
#include "masque/device_messages.h"
#include "masque/enrolment_key.h"
#include "masque/masque_client.h"
#include "output.h"
#include "program.h"
#include "quic/crypto.h"
#include "quic/device_certificate.h"
#include "quic/endpoint.h"
#include "quic/tls.h"

namespace oneping::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kDialsAtOnce = 16;
constexpr double kDialsPerSecond = 19;  // an edge enrols no more than 20 a second of one address
constexpr Duration kKeepAliveAtRest = 15s;

struct Options {
  std::string edge;
  std::string key_file;
  std::size_t devices = 1000;
};

masque::EnrolmentKey read_key(const std::string& path) {
  return take(masque::parse_enrolment_key(read_file(path)));
}

// What all devices share.
struct Surroundings {
  masque::EnrolmentKey key;
  SocketAddress edge;
  quic::SecureRandom random;
  EventLoop loop;
};

class LoadDevice final : private masque::MasqueClientEvents {
 public:
  LoadDevice(Surroundings& around, std::size_t number)
      : around_(around),
        name_("load-" + std::to_string(number)),
        key_(take(quic::make_key_and_csr(name_))),
        socket_(take(UdpSocket::open({.local = {local_address(around.edge.address), 0},
                                      .batching = Batching::single,
                                      .buffer_size = 1 << 16}))) {
    take(around_.loop.watch(socket_->fd(), [this] {
      is_dirty = true;
      socket_->read([this](const quic::Path& path, Bytes bytes, std::size_t segment_size) {
        endpoint_->on_packets(path, bytes, segment_size, around_.loop.now());
      });
    }));
  }
  ~LoadDevice() override { around_.loop.unwatch(socket_->fd()); }

  void start(Time now) { dial(now); }
  [[nodiscard]] bool has_session() const { return client_ && client_->has_open_session(); }
  [[nodiscard]] bool is_lost() const { return is_lost_; }
  [[nodiscard]] Time next_deadline() const {
    return is_closed_ ? endpoint_->next_deadline()
                      : std::min(endpoint_->next_deadline(), client_->next_deadline());
  }
  void turn(Time now) {
    if (endpoint_->next_deadline() <= now) endpoint_->on_time(now);
    if (!is_closed_) client_->on_time(now);
    if (!certificate_.empty() && !is_enrolled_) {
      is_enrolled_ = true;
      client_->close(masque::H3Error::no_error, "");
      endpoint_->flush(now, *socket_);
      dial(now);
    }
    endpoint_->flush(now, *socket_);
    socket_->flush();
    is_dirty = false;
  }

  bool is_dirty = true;
  Time armed = kNever;  // where it stands in the order of deadlines

 private:
  static IpAddress local_address(const IpAddress& edge) {
    return edge.is_v4() ? IpAddress::v4(0) : IpAddress();
  }

  void dial(Time now) {
    quic::EndpointOptions options;
    options.transport.idle_timeout = 30s;
    options.transport.keep_alive = kKeepAliveAtRest;
    auto tls =
        take(quic::TlsContext::client({.server_name = masque::kEdgeServerName,
                                       .alpn = {masque::kDeviceAlpn},
                                       .ca_pem = {},
                                       .pins = {around_.key.authority_pin},
                                       .certificate_pem = certificate_,
                                       .key_pem = certificate_.empty() ? "" : key_.key_pem}));
    client_.reset();
    endpoint_ = std::make_unique<quic::Endpoint>(options, std::move(tls), around_.random, nullptr);
    client_ = std::make_unique<masque::MasqueClient>(
        masque::MasqueClientOptions{}, static_cast<masque::MasqueClientEvents&>(*this));
    is_closed_ = false;
    client_->attach(
        *take(endpoint_->connect({socket_->local(), around_.edge}, client_->quic_events(), now)));
  }

  void on_ready(Time now) override {
    if (!certificate_.empty()) {
      take(client_->open_session({.authority = masque::kEdgeServerName}, now));
      return;
    }
    masque::HttpRequest request;
    request.method = "POST";
    request.authority = masque::kEdgeServerName;
    request.path = masque::kEnrolPath;
    request.body = masque::to_json(masque::EnrolRequest{around_.key.text, key_.request_pem, name_});
    take(client_->request(request));
  }
  void on_response(masque::StreamId, std::optional<masque::HttpResponse> response, Time) override {
    if (!response || !response->is_success()) {
      throw std::runtime_error("enrolment failed: " + (response ? response->body : "no answer"));
    }
    certificate_ = take(masque::parse_enrol_answer(response->body)).certificate;
  }
  void on_session_open(Time) override {}
  void on_session_changed(Time) override {}
  void on_packet(Bytes, Time) override {}
  void on_bad_datagram(DropReason, Time) override {}
  void on_session_closed(std::optional<int>, const std::string& why, Time) override { lose(why); }
  void on_goaway(Time) override {}
  void on_packet_size_changed(Time) override {}
  void on_path_changed(Time) override {}
  void on_closed(const quic::CloseInfo& info, Time) override {
    is_closed_ = true;
    lose(info.reason);
  }
  void lose(const std::string& why) {
    if (!is_lost_) std::fprintf(stderr, "load_devices: %s: %s\n", name_.c_str(), why.c_str());
    is_lost_ = true;
  }

  Surroundings& around_;
  const std::string name_;
  quic::KeyAndRequest key_;
  std::string certificate_;
  std::unique_ptr<UdpSocket> socket_;
  std::unique_ptr<quic::Endpoint> endpoint_;
  std::unique_ptr<masque::MasqueClient> client_;
  bool is_enrolled_ = false;
  bool is_closed_ = true;
  bool is_lost_ = false;
};

class LoadDevices {
 public:
  explicit LoadDevices(const Options& options) : options_(options) {
    around_.key = read_key(options.key_file);
    around_.edge = SocketAddress::parse(options.edge).value();
  }

  void run() {
    take(around_.loop.watch(STDIN_FILENO, [this] {
      char byte;
      if (::read(STDIN_FILENO, &byte, 1) <= 0) around_.loop.stop();
    }));
    start_ = around_.loop.now();
    around_.loop.set_deadline(start_);
    around_.loop.run({.on_deadline = [](Time) {}, .on_turn_end = [this](Time now) { turn(now); }});
  }

 private:
  void turn(Time now) {
    start_some(now);
    for (const auto& device : devices_) {
      if (device->is_dirty || device->next_deadline() <= now) device->turn(now);
      arm(*device);
    }
    const Time next = order_.empty() ? kNever : order_.begin()->first;
    const bool is_complete = devices_.size() == options_.devices;
    around_.loop.set_deadline(is_complete ? next : std::min(next, now + 10ms));
    tell(now);
  }

  void arm(LoadDevice& device) {
    const Time next = device.next_deadline();
    if (next == device.armed) return;
    order_.erase({device.armed, &device});
    device.armed = next;
    if (next != kNever) order_.insert({next, &device});
  }

  void start_some(Time now) {
    const double due =
        std::chrono::duration<double>(now - start_).count() * kDialsPerSecond + kDialsAtOnce;
    while (devices_.size() < options_.devices && devices_.size() - sessions() < kDialsAtOnce &&
           static_cast<double>(devices_.size()) < due) {
      devices_.push_back(std::make_unique<LoadDevice>(around_, devices_.size() + 1));
      devices_.back()->start(now);
    }
  }

  [[nodiscard]] std::size_t sessions() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(devices_, [](const auto& device) { return device->has_session(); }));
  }

  void tell(Time now) {
    const auto lost = static_cast<std::size_t>(
        std::ranges::count_if(devices_, [](const auto& device) { return device->is_lost(); }));
    if (lost > told_lost_) {
      told_lost_ = lost;
      std::printf("{\"lost\": %zu}\n", lost);
    } else if (!is_told_ && sessions() == options_.devices) {
      is_told_ = true;
      std::printf("{\"sessions\": %zu, \"seconds\": %.3f}\n", sessions(),
                  std::chrono::duration<double>(now - start_).count());
    }
    std::fflush(stdout);
  }

  const Options options_;
  Surroundings around_;
  std::vector<std::unique_ptr<LoadDevice>> devices_;
  std::set<std::pair<Time, LoadDevice*>> order_;
  Time start_{};
  std::size_t told_lost_ = 0;
  bool is_told_ = false;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Plays many devices towards one edge.");
  app.add_option("--edge", options.edge, "ADDRESS:PORT")->required();
  app.add_option("--key-file", options.key_file, "a reusable enrolment key")->required();
  app.add_option("--devices", options.devices, "how many")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  LoadDevices(options).run();
  return 0;
}

}  // namespace
}  // namespace oneping::bench

int main(int argc, char** argv) {
  return oneping::bench::run_program("load_devices", oneping::bench::run, argc, argv);
}
