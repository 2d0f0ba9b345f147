#include "app/api_server.h"

#include <fcntl.h>
#include <httplib.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "app/host_header.h"
#include "app/http_server.h"
#include "app/socket_file.h"
#include "app/web_page.h"
#include "base/log.h"
#include "control/event_hub.h"
#include "control/flow_feed.h"
#include "edge/path_checks.h"
#include "io/fd.h"
#include "io/system_error.h"

namespace oneping {

namespace {

using control::ApiRequest;
using control::ApiResponse;
using control::Transport;

// Requests that are answered at once, and listeners, each of whom keeps his thread.
constexpr std::size_t kThreads = 8 + control::EventHub::kMaxReaders +
                                 control::FlowFeed::kMaxReaders + edge::PathChecks::kMaxChecks;
constexpr std::size_t kMaxBody = 1 << 20;
// A program that asks often keeps its connection, but no thread for long.
constexpr std::size_t kRequestsPerConnection = 1000;
// A listener hears something after this time at the latest, and is looked after that often.
constexpr std::chrono::seconds kEventPatience{15};
constexpr std::chrono::seconds kListenerBeat{1};

constexpr int kBacklog = 128;
constexpr std::size_t kFileBlock = 65536;

constexpr int kForbidden = 403;
constexpr int kServerError = 500;
constexpr int kUnixPort = 1;  // the library wants one, and a Unix socket has none

// An answer of the API is no page, wherever it is opened.
constexpr const char* kAnswerPolicy = "default-src 'none'; frame-ancestors 'none'";

void write(ApiResponse answer, httplib::Response& response);

void add_protective_headers(httplib::Response& response) {
  for (const auto& [name, value] : protective_headers()) response.set_header(name, value);
}

void write_page(const PageAnswer& answer, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  add_protective_headers(response);
  if (answer.body.empty()) return;
  // As it is: contents that were handed over at once, the library would compress once more.
  response.set_content_provider(
      answer.body.size(), answer.content_type,
      [body = answer.body](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        return sink.write(body.data() + offset, length);
      });
}

// What the library refuses by itself.
std::string why_unread(int status) {
  switch (status) {
    case 413: return "the body is larger than 1 MiB";
    case 414: return "the path is too long";
    case 415: return "the body's encoding is not known here: send it as it is";
    default: return "this is no HTTP request that could be understood";
  }
}

// The file's name goes at once, its contents when they are sent.
void write_file(const ApiResponse& answer, httplib::Response& response) {
  const auto file = std::make_shared<Fd>(::open(answer.file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  const bool is_open = *file && ::fstat(file->get(), &status) == 0;
  (void)::unlink(answer.file.c_str());
  if (!is_open) {
    write(control::problem(kServerError, "the copy cannot be read: " + errno_text(errno)),
          response);
    return;
  }
  response.set_content_provider(
      static_cast<std::size_t>(status.st_size), answer.content_type,
      [file](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        std::array<char, kFileBlock> block;
        const ssize_t size = ::pread(file->get(), block.data(), std::min(length, block.size()),
                                     static_cast<off_t>(offset));
        return size > 0 && sink.write(block.data(), static_cast<std::size_t>(size));
      });
}

// What happens, until it is over or the listener has left.
void write_events(std::shared_ptr<control::EventReader> events, const std::string& content_type,
                  httplib::Response& response) {
  response.set_chunked_content_provider(
      content_type, [events = std::move(events), quiet = kListenerBeat * 0](
                        std::size_t, httplib::DataSink& sink) mutable {
        const auto piece = events->next(kListenerBeat);
        if (!piece) {
          sink.done();
          return true;
        }
        if (HttpServer::peer_has_left()) return false;
        quiet += kListenerBeat;
        if (*piece == control::EventReader::kKeepAlive && quiet < kEventPatience) return true;
        quiet = kListenerBeat * 0;
        return sink.write(piece->data(), piece->size());
      });
}

void write(ApiResponse answer, httplib::Response& response) {
  response.status = answer.status;
  if (!answer.allow.empty()) response.set_header("Allow", answer.allow);
  if (!answer.set_cookie.empty()) response.set_header("Set-Cookie", answer.set_cookie);
  if (answer.status == 401) response.set_header("WWW-Authenticate", "Bearer realm=\"oneping\"");
  response.set_header("Cache-Control", "no-store");  // some answers hold a secret
  response.set_header("Content-Security-Policy", kAnswerPolicy);
  add_protective_headers(response);
  if (!answer.file.empty()) {
    write_file(answer, response);
  } else if (answer.events) {
    write_events(std::move(answer.events), answer.content_type, response);
  } else if (!answer.body.empty()) {
    response.set_content(answer.body, answer.content_type);
  }
}

}  // namespace

class ApiServer::Impl {
 public:
  Impl(control::Api& api, Transport transport)
      : api_(api),
        transport_(transport),
        server_({.max_body = kMaxBody, .requests_per_connection = kRequestsPerConnection}) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_tcp_nodelay(transport == Transport::tcp);
    add_handlers();
  }

  ~Impl() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
    if (!socket_path_.empty()) remove_socket_file(socket_path_);
  }

  Result<void> listen_at(const std::string& path, const std::string& group) {
    if (auto free = clear_socket_file(path); !free) return free;
    server_.set_address_family(AF_UNIX);
    {
      const PrivateUmask closed;  // nobody comes in before the file has its owner and mode
      if (!server_.bind_to_port(path, kUnixPort)) return system_failure("listening at " + path);
    }
    socket_path_ = path;
    if (auto opened = open_socket_file(path, group); !opened) return opened;
    serve();
    return {};
  }

  Result<void> listen_at(const SocketAddress& address) {
    address_ = address;
    // The library would share the port with whoever else wants it.
    server_.set_socket_options([](socket_t fd) {
      const int yes = 1;
      (void)::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    const std::string host = address.address.to_string();
    const int port = address.port != 0
                         ? server_.bind_to_port(host, address.port) ? address.port : -1
                         : server_.bind_to_any_port(host);
    if (port < 0) return system_failure("listening for the API at " + address.to_string());
    address_.port = static_cast<std::uint16_t>(port);
    if (!address_.address.is_loopback()) {
      log::warn("the control API is reachable from the network at {}, unencrypted",
                address_.to_string());
    }
    serve();
    return {};
  }

  [[nodiscard]] const SocketAddress& address() const { return address_; }

 private:
  void serve() {
    server_.set_backlog(kBacklog);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // or stop() would come too early
  }

  void add_handlers() {
    const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
      if (transport_ == Transport::tcp && is_foreign(request)) {
        write(control::problem(kForbidden, "the Host header is not this machine"), response);
      } else if (transport_ == Transport::tcp && is_page_path(request.path)) {
        write_page(answer_page({.method = request.method,
                                .path = request.path,
                                .accept_encoding = request.get_header_value("Accept-Encoding"),
                                .if_none_match = request.get_header_value("If-None-Match")},
                               web_files()),
                   response);
      } else {
        write(api_.handle(question_of(request)), response);
      }
    };
    server_.Get(".*", handler);
    server_.Post(".*", handler);
    server_.Put(".*", handler);
    server_.Patch(".*", handler);
    server_.Delete(".*", handler);
    server_.Options(".*", handler);
    server_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.has_header("Content-Type")) return;  // it is said already
      write(control::problem(response.status, why_unread(response.status)), response);
    });
  }

  [[nodiscard]] bool is_foreign(const httplib::Request& request) const {
    return !is_trusted_host(request.get_header_value("Host"), address_.address);
  }

  [[nodiscard]] ApiRequest question_of(const httplib::Request& request) const {
    ApiRequest question;
    question.method = request.method;
    question.path = request.path;
    question.query.insert(request.params.begin(), request.params.end());
    question.authorization = request.get_header_value("Authorization");
    question.content_type = request.get_header_value("Content-Type");
    question.last_event_id = request.get_header_value("Last-Event-ID");
    question.host = request.get_header_value("Host");
    question.origin = request.get_header_value("Origin");
    question.cookie = request.get_header_value("Cookie");
    question.body = request.body;
    question.transport = transport_;
    question.peer = request.remote_addr;
    return question;
  }

  control::Api& api_;
  Transport transport_;
  SocketAddress address_;
  std::string socket_path_;
  HttpServer server_;
  std::thread thread_;
};

Result<std::unique_ptr<ApiServer>> ApiServer::on_socket(const std::string& path,
                                                        const std::string& group,
                                                        control::Api& api) {
  auto impl = std::make_unique<Impl>(api, Transport::unix_socket);
  if (const auto done = impl->listen_at(path, group); !done)
    return tl::make_unexpected(done.error());
  return std::unique_ptr<ApiServer>(new ApiServer(std::move(impl)));
}

Result<std::unique_ptr<ApiServer>> ApiServer::on_tcp(const SocketAddress& address,
                                                     control::Api& api) {
  auto impl = std::make_unique<Impl>(api, Transport::tcp);
  if (const auto done = impl->listen_at(address); !done) return tl::make_unexpected(done.error());
  return std::unique_ptr<ApiServer>(new ApiServer(std::move(impl)));
}

ApiServer::ApiServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ApiServer::~ApiServer() = default;

const SocketAddress& ApiServer::address() const { return impl_->address(); }

}  // namespace oneping
