#include "app/enrol_device.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "app/device_control.h"
#include "app/device_sockets.h"
#include "app/device_tls.h"
#include "app/files.h"
#include "base/log.h"
#include "device/enrolment.h"
#include "io/capabilities.h"
#include "quic/crypto.h"
#include "quic/tls.h"

namespace oneping {

namespace {

constexpr std::size_t kMaxKeyFile = 4096;

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  const std::string text = name.data();
  return text.substr(0, text.find('.'));
}

Result<void> check_place(const EnrolOptions& options, const DeviceState& state) {
  if (!state.is_enrolled()) return {};
  const auto device = state.load();
  const std::string who = device ? "'" + device->name + "' at " + device->edge.to_string()
                                 : "a device that cannot be read";
  if (!options.replace) {
    return fail(state.folder() + " is enrolled already, as " + who +
                ": --replace forgets that one");
  }
  const auto up = ask_device(state.socket(), kAskStatus, Until::answer, std::chrono::seconds(3));
  if (up && *up) return fail("the device is up: oneping device down comes first");
  return {};
}

// One enrolment on an event loop of its own.
class Run {
 public:
  Run(const EnrolOptions& options, std::shared_ptr<const quic::TlsContext> tls,
      device::EnrolmentOptions enrolment)
      : edges_({options.edge}, loop_),
        sockets_(std::move(tls), edges_, loop_, random_),
        enrolment_(std::move(enrolment), sockets_) {}

  Result<device::Enrolled> run() {
    for (const int signal : {SIGINT, SIGTERM}) {
      auto caught = loop_.on_signal(signal, [this] { loop_.stop(); });
      if (!caught) return tl::make_unexpected(caught.error());
    }
    edges_.resolve([this] { enrolment_.start(loop_.now()); });
    loop_.run({.on_deadline =
                   [this](Time now) {
                     sockets_.on_time(now);
                     enrolment_.on_time(now);
                   },
               .on_turn_end =
                   [this](Time now) {
                     sockets_.flush(now);
                     loop_.set_deadline(
                         std::min(sockets_.next_deadline(), enrolment_.next_deadline()));
                     if (enrolment_.result()) loop_.stop();
                   }});
    if (!enrolment_.result()) return fail("interrupted");
    return *enrolment_.result();
  }

 private:
  EventLoop loop_;
  quic::SecureRandom random_;
  EdgeAddresses edges_;
  DeviceSockets sockets_;
  device::Enrolment enrolment_;
};

}  // namespace

Result<StoredDevice> enrol_device(const EnrolOptions& options) {
  if (auto dropped = drop_all_capabilities(); !dropped) {
    return tl::make_unexpected(dropped.error());
  }
  const DeviceState state(options.state);
  if (auto free = check_place(options, state); !free) return tl::make_unexpected(free.error());
  const auto text = read_file(options.key_file, kMaxKeyFile);
  if (!text) return tl::make_unexpected(text.error());
  const auto key = masque::parse_enrolment_key(*text);
  if (!key) return fail(options.key_file, key.error());
  const std::string name = options.name.empty() ? host_name() : options.name;
  const auto own = quic::make_key_and_csr(name);
  if (!own) return tl::make_unexpected(own.error());
  auto tls = make_enrolment_tls(*key);
  if (!tls) return tl::make_unexpected(tls.error());

  Run run(options, std::move(*tls),
          {.key = *key,
           .csr = own->request_pem,
           .name = name,
           .edge = options.edge.to_string(),
           .wall_clock = time_of_day});
  auto enrolled = run.run();
  if (!enrolled) return fail("enrolling at " + options.edge.to_string(), enrolled.error());
  StoredDevice device{.edge = options.edge,
                      .name = enrolled->device,
                      .id = enrolled->id,
                      .addresses = std::move(enrolled->addresses),
                      .key_pem = own->key_pem,
                      .certificate = std::move(enrolled->certificate)};
  // Whether the two fit is found out before the old identity is gone.
  if (const auto works = make_device_tls(device.key_pem, device.certificate); !works) {
    return fail("the certificate that the edge gave", works.error());
  }
  if (auto saved = state.save(device); !saved) return tl::make_unexpected(saved.error());
  return device;
}

}  // namespace oneping
