// The control API without HTTP: a request in, a response out. docs/api.md says what it means.
//
// Any thread may call; what changes something waits for its turn. The HTTP server (app/api_server)
// carries bytes, and nothing more.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/histogram.h"
#include "control/event_hub.h"
#include "control/model.h"

namespace oneping::control {

class Control;

enum class Transport : std::uint8_t { unix_socket, tcp };

struct ApiRequest {
  std::string method;  // "GET"
  std::string path;    // decoded, without the query: "/api/v1/tunnels"
  std::multimap<std::string, std::string> query;
  std::string authorization;  // header field values; empty: absent
  std::string content_type;
  std::string last_event_id;
  std::string host;
  std::string origin;  // the page that asks, if one does
  std::string cookie;
  std::string body;
  Transport transport = Transport::unix_socket;
  std::string peer;  // who it is, for the audit log: "uid 0 (root)"; for TCP the address
};

struct ApiResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string allow;       // Allow header field, with 405
  std::string set_cookie;  // Set-Cookie header field; empty: none
  std::string body;
  // GET /events, /flows: the body is what this hands out until its end. Null for everything else.
  std::unique_ptr<EventReader> events;
  // GET /backup: the body is this file, to be removed when it is sent. Empty for everything else.
  std::string file;
};

// How long requests to one route took that ended alike, for metrics.
struct RequestLatencies {
  std::string method;
  std::string route;     // "/tunnels/{tunnel}"; "other": what is no route
  int status_class = 2;  // 4: 400 to 499
  LatencyHistogram::Counts counts;
};

[[nodiscard]] ApiResponse problem(int status, std::string detail, std::string field = {});

class Api {
 public:
  // `control` must outlive it.
  explicit Api(Control& control);
  ~Api();

  // Never throws; what went wrong inside is a 500 that says so, and a line in the log.
  [[nodiscard]] ApiResponse handle(const ApiRequest& request);

  // Of every route and class that has been asked for.
  [[nodiscard]] std::vector<RequestLatencies> latencies() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oneping::control
