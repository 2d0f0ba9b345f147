#include "admin/api_client.h"

#include <grp.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>

#include "admin/display_text.h"
#include "io/fd.h"
#include "io/system_error.h"

namespace oneping::admin {

namespace {

constexpr std::string_view kPrefix = "/api/v1";
constexpr std::size_t kPage = 1000;  // as many as the API gives at once
constexpr int kUnauthorized = 401;

constexpr const char* kIsItRunning =
    ": is the edge running? (`oneping edge run`; its address is given with --api or ONEPING_API)";

Result<std::string> read_token(const std::string& file) {
  std::ifstream stream(file);
  std::string token((std::istreambuf_iterator<char>(stream)), {});
  if (!stream) return system_failure("reading the API token in " + file);
  while (!token.empty() && (token.back() == '\n' || token.back() == ' ')) token.pop_back();
  const bool is_visible =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!token.empty() && is_visible) return token;
  return fail(file + " holds no API token: `oneping api-token create NAME --out " + file +
              "` writes one");
}

std::unique_ptr<httplib::Client> client_for(const ApiAddress& address) {
  if (const auto* server = std::get_if<HttpServer>(&address)) {
    return std::make_unique<httplib::Client>(server->host, server->port);
  }
  auto client = std::make_unique<httplib::Client>(std::get<UnixSocket>(address).path, 80);
  client->set_address_family(AF_UNIX);
  return client;
}

std::string target_of(const ApiCall& call) {
  std::string target = std::string(kPrefix) + call.path;
  char separator = '?';
  for (const auto& [name, value] : call.query) {
    target += separator + percent_encoded(name) + "=" + percent_encoded(value);
    separator = '&';
  }
  return target;
}

// Who would be let in at a socket that refused us: its group, if that is more than root's own.
std::string owner_hint(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || status.st_gid == 0) return "run as root";
  const struct group* group = ::getgrgid(status.st_gid);
  return std::string("run as root or join group ") +
         (group != nullptr ? group->gr_name : std::to_string(status.st_gid));
}

// Why the socket cannot be connected: the HTTP client does not tell.
tl::unexpected<Error> cannot_connect(const UnixSocket& socket) {
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  socket.path.copy(name.sun_path, sizeof name.sun_path - 1);
  const bool failed =
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0;
  const int reason = failed ? errno : ECONNRESET;
  if (reason == ENOENT) return fail("there is no socket " + socket.path + kIsItRunning);
  if (reason == ECONNREFUSED) return fail("nobody listens at " + socket.path + kIsItRunning);
  if (reason == EACCES) {
    return fail("permission denied at " + socket.path + ": " + owner_hint(socket.path));
  }
  return system_failure("connecting to " + socket.path, reason);
}

tl::unexpected<Error> transport_failure(const ApiAddress& address, httplib::Error error,
                                        std::chrono::seconds patience) {
  const bool not_connected =
      error == httplib::Error::Connection || error == httplib::Error::ConnectionTimeout;
  if (not_connected) {
    if (const auto* socket = std::get_if<UnixSocket>(&address)) return cannot_connect(*socket);
    return fail("cannot connect to " + to_string(address) + kIsItRunning);
  }
  return fail("the edge at " + to_string(address) + " went away, or was silent for " +
              std::to_string(patience.count()) +
              " s: see whether it runs, and what it has done, before you try again");
}

// RFC 9457; `status` says that it went wrong.
tl::unexpected<Error> problem(const ApiAddress& address, int status, const std::string& body,
                              bool has_token) {
  const Json answer = Json::parse(body, nullptr, false);
  const std::string detail = answer.is_object() ? words_of(field_of(answer, "detail")) : "-";
  if (detail == "-") {
    return fail("what answers at " + to_string(address) + " is not the API of an edge (HTTP " +
                std::to_string(status) + ")");
  }
  std::string message = detail;
  if (status == kUnauthorized && !has_token) {
    message += " (give the file that holds it with --api-token-file or ONEPING_API_TOKEN_FILE)";
  }
  return fail(printable(message));
}

bool is_done(int status) { return status >= 200 && status < 300; }

}  // namespace

std::string percent_encoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  // RFC 3986, 2.3, and what a query may hold besides.
  constexpr std::string_view kPlain = "-._~@";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_alphanumeric || kPlain.find(c) != kPlain.npos) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 0xf]};
    }
  }
  return encoded;
}

Result<ApiClient> ApiClient::open(const ApiOptions& options) {
  auto address = parse_api_address(options.api);
  if (!address) return tl::make_unexpected(address.error());
  if (options.token_file.empty()) return ApiClient(std::move(*address), "", options.patience);
  auto token = read_token(options.token_file);
  if (!token) return tl::make_unexpected(token.error());
  return ApiClient(std::move(*address), std::move(*token), options.patience);
}

Result<Json> ApiClient::call(const ApiCall& call) const {
  std::string body;
  const auto done = stream(call, [&body](std::string_view bytes) {
    body += bytes;
    return true;
  });
  if (!done) return tl::make_unexpected(done.error());
  if (body.empty()) return Json();
  Json answer = Json::parse(body, nullptr, false);
  if (answer.is_object()) return answer;
  return fail("what answers at " + to_string(address_) + " is not the API of an edge");
}

Result<Json> ApiClient::list(ApiCall call, std::size_t limit) const {
  Json items = Json::array();
  const auto filters = call.query.size();
  call.query.emplace_back("limit", std::to_string(std::min(limit, kPage)));
  while (true) {
    auto page = this->call(call);
    if (!page) return page;
    const Json& found = field_of(*page, "items");
    for (const auto& item : found) {
      if (items.size() < limit) items.push_back(item);
    }
    const Json& next = field_of(*page, "next");
    if (next.is_null() || found.empty() || items.size() >= limit) return items;
    call.query.resize(filters);
    call.query.emplace_back("limit", std::to_string(std::min(limit - items.size(), kPage)));
    call.query.emplace_back("after", next.is_string() ? next.get<std::string>() : next.dump());
  }
}

Result<void> ApiClient::stream(const ApiCall& call, const Take& take) const {
  httplib::Request request;
  request.method = call.method;
  request.path = target_of(call);
  request.set_header("Accept", "application/json, application/problem+json, */*;q=0.1");
  if (std::holds_alternative<UnixSocket>(address_)) request.set_header("Host", "localhost");
  if (!token_.empty()) request.set_header("Authorization", "Bearer " + token_);
  if (call.body) {
    request.set_header("Content-Type", "application/json");
    request.body = call.body->dump();
  }
  bool is_refused = false;
  bool stopped = false;
  std::string refusal;
  request.response_handler = [&](const httplib::Response& response) {
    is_refused = !is_done(response.status);
    return true;
  };
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    if (is_refused) {
      refusal.append(data, size);
      return true;
    }
    stopped = !take({data, size});
    return !stopped;
  };

  const auto client = client_for(address_);
  client->set_url_encode(false);  // it is
  client->set_connection_timeout(patience_);
  client->set_read_timeout(patience_);
  client->set_write_timeout(patience_);
  const auto response = client->send(request);
  if (stopped) return {};
  if (!response) return transport_failure(address_, response.error(), patience_);
  if (is_done(response->status)) return {};
  return problem(address_, response->status, refusal, !token_.empty());
}

}  // namespace oneping::admin
