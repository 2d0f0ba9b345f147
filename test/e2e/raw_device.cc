// A device that keeps no rules, for the end-to-end tests: what its session refuses, the edge must.
//
//   raw_device send STATE
//     Opens a session with the identity in the folder and says "ready". Each line of standard input
//     is a packet in hexadecimal, which goes to the edge as it is; each packet that comes back is
//     such a line on standard output. Ends with its input.
//   raw_device date STATE EDGE-STATE FROM TO
//     Gives the identity a certificate of that edge's that is valid from so many hours from now to
//     so many hours from now; the past has a minus.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "app/device_sockets.h"
#include "app/device_state.h"
#include "app/device_tls.h"
#include "app/files.h"
#include "base/hex.h"
#include "base/log.h"
#include "device/session.h"
#include "quic/crypto.h"
#include "quic/device_certificate.h"

namespace oneping {
namespace {

constexpr std::size_t kMaxFile = 65536;

// Whether a result is there, or the end of the program.
template <typename T>
T take(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class RawDevice final : private device::SessionEvents {
 public:
  explicit RawDevice(const StoredDevice& stored)
      : edges_({stored.edge}, loop_),
        sockets_(take(make_device_tls(stored.key_pem, stored.certificate)), edges_, loop_, random_),
        session_({.wish = {stored.edge.to_string()}, .masque = {}, .wall_clock = time_of_day},
                 stored.certificate.validity, sockets_, static_cast<device::SessionEvents&>(*this),
                 random_) {}

  void run() {
    take(loop_.watch(STDIN_FILENO, [this] { on_input(); }));
    bool has_started = false;
    edges_.resolve([this, &has_started] {
      if (!std::exchange(has_started, true)) session_.start(loop_.now());
    });
    loop_.run({.on_deadline =
                   [this](Time now) {
                     sockets_.on_time(now);
                     session_.on_time(now);
                   },
               .on_turn_end =
                   [this](Time now) {
                     session_.run(now);
                     sockets_.flush(now);
                     std::fflush(stdout);
                     loop_.set_deadline(
                         std::min(sockets_.next_deadline(), session_.next_deadline()));
                   }});
    session_.stop(loop_.now());
    sockets_.flush(loop_.now());
  }

 private:
  void on_input() {
    std::array<char, 4096> piece{};
    const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (count <= 0) return loop_.stop();
    input_.append(piece.data(), static_cast<std::size_t>(count));
    for (std::size_t end = input_.find('\n'); end != input_.npos; end = input_.find('\n')) {
      auto packet = pool_.allocate(end / 2);
      if (!packet || !from_hex(std::string_view(input_).substr(0, end), packet->bytes())) {
        throw std::runtime_error("this is no packet in hexadecimal");
      }
      input_.erase(0, end + 1);
      std::ignore = session_.link().send(*packet, loop_.now());
    }
  }

  void on_session_up(Time) override { std::puts("ready"); }
  void on_terms_changed(Time) override {}
  void on_session_down(const device::Problem& why, Time) override {
    std::printf("down: %s\n", why.text.c_str());
  }
  void on_attempt_failed(const device::Problem& why, Time) override {
    std::printf("failed: %s\n", why.text.c_str());
  }
  void on_packet(Bytes packet, Time) override { std::puts(to_hex(packet).c_str()); }
  void on_bad_datagram(DropReason, Time) override {}
  void on_packet_size_changed(Time) override {}

  quic::SecureRandom random_;
  PacketPool pool_;
  EventLoop loop_;
  EdgeAddresses edges_;
  DeviceSockets sockets_;
  device::Session session_;
  std::string input_;
};

void date(const std::string& folder, const std::string& edge, const char* from, const char* to) {
  const DeviceState state(folder);
  StoredDevice stored = take(state.load());
  const auto now = time_of_day();
  const auto signed_pem = take(quic::sign_device_certificate(
      take(read_file(edge + "/ca.pem", kMaxFile)), take(read_file(edge + "/ca-key.pem", kMaxFile)),
      take(quic::make_csr(stored.key_pem, stored.name)),
      {.common_name = stored.name,
       .uris = {"oneping:device/" + std::to_string(stored.id)},
       .serial = {1, 2, 3},
       .not_before = now + std::chrono::hours(std::atoi(from)),
       .not_after = now + std::chrono::hours(std::atoi(to))}));
  stored.certificate.leaf = signed_pem;
  take(state.save_certificate(stored.certificate));
}

int run(int argc, char** argv) {
  log::set_level(log::Level::off);
  const std::string what = argc > 1 ? argv[1] : "";
  try {
    if (what == "send" && argc == 3) {
      RawDevice(take(DeviceState(argv[2]).load())).run();
    } else if (what == "date" && argc == 6) {
      date(argv[2], argv[3], argv[4], argv[5]);
    } else {
      throw std::runtime_error("the beginning of raw_device.cc says how it is used");
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "raw_device: %s\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace oneping

int main(int argc, char** argv) { return oneping::run(argc, argv); }
