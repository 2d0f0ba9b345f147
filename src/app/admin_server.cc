#include "app/admin_server.h"

#include <httplib.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/host_header.h"
#include "app/http_server.h"
#include "app/loop_question.h"
#include "base/log.h"
#include "io/system_error.h"

namespace oneping {

namespace {

constexpr std::size_t kThreads = 8;
constexpr std::size_t kMaxRequestBody = 1024;
constexpr std::size_t kMaxRequestHead = 16384;

constexpr int kForbidden = 403;
constexpr int kUnavailable = 503;

void answer_busy(httplib::Response& response) {
  response.status = kUnavailable;
  response.set_content("the event loop does not answer\n", "text/plain");
}

}  // namespace

class AdminServer::Impl {
 public:
  Impl(const SocketAddress& address, EventLoop& loop, AdminSource source)
      : address_(address),
        loop_(loop),
        source_(std::move(source)),
        server_({.max_body = kMaxRequestBody, .max_head = kMaxRequestHead}) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    // The library would share the port with whoever else wants it.
    server_.set_socket_options([](socket_t fd) {
      const int yes = 1;
      (void)::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    add_handlers();
  }

  ~Impl() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> start() {
    const std::string host = address_.address.to_string();
    const int port = address_.port != 0
                         ? server_.bind_to_port(host, address_.port) ? address_.port : -1
                         : server_.bind_to_any_port(host);
    if (port < 0) return system_failure("listening for admin requests at " + address_.to_string());
    address_.port = static_cast<std::uint16_t>(port);
    if (!address_.address.is_loopback()) {
      log::warn("/metrics and /ready are reachable from the network at {}", address_.to_string());
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // or stop() would come too early
    return {};
  }

  [[nodiscard]] const SocketAddress& address() const { return address_; }

 private:
  void add_handlers() {
    using httplib::Request;
    using httplib::Response;
    server_.set_pre_routing_handler([this](const Request& request, Response& response) {
      const bool trusted = is_trusted_host(request.get_header_value("Host"), address_.address);
      if (trusted) return httplib::Server::HandlerResponse::Unhandled;
      response.status = kForbidden;
      response.set_content("the Host header is not this machine\n", "text/plain");
      return httplib::Server::HandlerResponse::Handled;
    });
    server_.Get("/healthz", [](const Request&, Response& response) {
      response.set_content("alive\n", "text/plain");
    });
    server_.Get("/ready", [this](const Request&, Response& response) { answer_ready(response); });
    server_.Get("/metrics",
                [this](const Request&, Response& response) { answer_metrics(response); });
  }

  void answer_ready(httplib::Response& response) {
    auto answer = ask_loop(
        loop_, [source = source_] { return std::make_pair(source.is_ready(), source.details()); });
    if (!answer) return answer_busy(response);
    response.status = answer->first ? 200 : kUnavailable;
    nlohmann::json body = {{"status", response.status}};
    body.update(answer->second);
    response.set_content(body.dump() + "\n", "application/json");
  }

  void answer_metrics(httplib::Response& response) {
    auto families = ask_loop(loop_, [source = source_] { return source.metrics(); });
    if (!families) return answer_busy(response);
    if (source_.metrics_off_loop) {
      for (auto& family : source_.metrics_off_loop()) families->push_back(std::move(family));
    }
    response.set_content(prometheus::TextSerializer().Serialize(*families),
                         "text/plain; version=0.0.4; charset=utf-8");
  }

  SocketAddress address_;
  EventLoop& loop_;
  AdminSource source_;
  HttpServer server_;
  std::thread thread_;
};

Result<std::unique_ptr<AdminServer>> AdminServer::start(const SocketAddress& address,
                                                        EventLoop& loop, AdminSource source) {
  auto impl = std::make_unique<Impl>(address, loop, std::move(source));
  if (const auto started = impl->start(); !started) return tl::make_unexpected(started.error());
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;

const SocketAddress& AdminServer::address() const { return impl_->address(); }

}  // namespace oneping
