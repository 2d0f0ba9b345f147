#include "app/control_plane.h"

#include <chrono>
#include <filesystem>

#include "app/device_pools.h"
#include "app/files.h"
#include "app/version.h"
#include "app/web_files.h"
#include "base/log.h"
#include "io/resolve.h"

namespace oneping {

namespace {

constexpr const char* kNoSocket = "none";

Timestamp time_of_day() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Time steady_time() {
  return Time(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

// Copies that an edge did not live to send.
void remove_old_backups(const std::string& folder) {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
    if (file.path().filename().string().starts_with("backup-")) {
      std::filesystem::remove(file.path(), ignored);
    }
  }
}

// The address as this machine reaches it.
std::string url_of(SocketAddress listening) {
  if (listening.address.is_unspecified()) {
    listening.address = *IpAddress::parse(listening.address.is_v4() ? "127.0.0.1" : "::1");
  }
  return "http://" + listening.to_string();
}

control::EdgeFacts facts_of(const EdgeOptions& options, const EdgeIdentity& identity) {
  control::EdgeFacts facts;
  facts.name = options.name;
  facts.version = kVersion;
  for (const auto& address : options.listen) facts.listen.push_back(address.to_string());
  facts.ca_pin = identity.ca_pin;
  return facts;
}

}  // namespace

Result<std::unique_ptr<ControlPlane>> ControlPlane::open(
    const EdgeOptions& options, const EdgeIdentity& identity, LoopEdge& edge,
    std::shared_ptr<control::FlowFeed> flow_feed) {
  std::unique_ptr<ControlPlane> plane(new ControlPlane);
  if (auto made = make_folder(options.state, 0700); !made) return tl::make_unexpected(made.error());
  auto store = control::open_sqlite_store(options.state + "/control.db");
  if (!store) return tl::make_unexpected(store.error());
  plane->store_ = std::move(*store);
  remove_old_backups(options.state);
  auto control = control::Control::open({.edge = facts_of(options, identity),
                                         .now = time_of_day,
                                         .clock = steady_time,
                                         .backup_folder = options.state,
                                         .resolve = resolve_host,
                                         .flow_feed = std::move(flow_feed)},
                                        *plane->store_, edge, plane->random_);
  if (!control) return tl::make_unexpected(control.error());
  plane->control_ = std::move(*control);
  plane->api_ = std::make_unique<control::Api>(*plane->control_);
  plane->registrar_ = std::make_unique<control::Registrar>(
      *plane->control_, control::Authority{identity.ca_pem, identity.ca_key_pem},
      device_pools(options, identity.ca_pin), plane->random_);
  return plane;
}

// Listeners first: they keep threads of the servers.
ControlPlane::~ControlPlane() {
  if (desk_ != nullptr) desk_->close();
  if (!control_) return;
  control_->events().close();
  control_->flow_feed().close();
}

Result<edge::DeviceId> ControlPlane::ensure_ingress(const EdgeOptions::Tun& tun) {
  return control_->ensure_ingress(
      {.device = tun.device, .user = tun.user, .tags = tun.tags, .vnet = tun.vnet});
}

void ControlPlane::enrol_by(EnrolmentDesk& desk) {
  desk_ = &desk;
  desk.open(*registrar_);
}

Result<void> ControlPlane::serve(const EdgeOptions& options) {
  control_->start();
  thread_ = std::make_unique<ControlThread>(*control_);
  if (options.api.listen) {
    auto server = ApiServer::on_tcp(*options.api.listen, *api_);
    if (!server) return fail(options.api_listen_origin, server.error());
    tcp_server_ = std::move(*server);
    announce_dashboard(tcp_server_->address());
  }
  if (options.api.socket != kNoSocket) {
    auto server = ApiServer::on_socket(options.api.socket, options.api.group, *api_);
    if (!server) return fail(options.api_socket_origin, server.error());
    socket_server_ = std::move(*server);
    log::info("the control API is at {}", options.api.socket);
  }
  return {};
}

void ControlPlane::announce_dashboard(const SocketAddress& listening) {
  const std::string url = url_of(listening);
  if (web_files().empty()) {
    control_->sign_ins().set_dashboard(
        {"", "it was built without the page: build it where Node.js and npm are installed"});
    log::info("the control API is at {}; the dashboard's page is not built in", url);
    return;
  }
  control_->sign_ins().set_dashboard({url, ""});
  log::info("the control API and the dashboard are at {}", url);
}

}  // namespace oneping
