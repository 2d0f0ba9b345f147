#include "control/api.h"

#include <algorithm>
#include <array>
#include <exception>

#include "base/log.h"
#include "control/auth.h"
#include "control/endpoint.h"
#include "control/path_pattern.h"
#include "control/problem.h"
#include "control/request_content.h"

namespace oneping::control {

namespace {

constexpr std::string_view kRoot = "/api/v1";

// An answer that lasts, for as long as whoever asked may still ask.
class GuardedReader final : public EventReader {
 public:
  GuardedReader(std::unique_ptr<EventReader> events, Control& control, Caller caller)
      : events_(std::move(events)), control_(control), caller_(std::move(caller)) {}

  std::optional<std::string> next(Duration patience) override {
    auto piece = events_->next(patience);
    const bool is_good = piece && control_.read([this](const Directory& directory) {
      return is_still_good(caller_, directory, control_.sign_ins(), control_.now());
    });
    return is_good ? std::move(piece) : std::nullopt;
  }

 private:
  std::unique_ptr<EventReader> events_;
  Control& control_;
  const Caller caller_;
};

}  // namespace

class Api::Impl {
 public:
  explicit Impl(Control& control) : control_(control) {
    for (const Endpoint& endpoint : all_endpoints().list()) {
      auto path = std::find_if(paths_.begin(), paths_.end(), [&](const Path& known) {
        return known.pattern.text() == endpoint.path;
      });
      if (path == paths_.end()) path = paths_.emplace(paths_.end(), PathPattern(endpoint.path));
      path->methods.emplace(endpoint.method, Method{&endpoint, std::make_unique<Latencies>()});
    }
  }

  ApiResponse handle(const ApiRequest& request) {
    const Time begun = control_.clock();
    const Match match = find(request.path);
    const Method* method = match.path == nullptr ? nullptr : match.path->find(request.method);
    ApiResponse response = answer_or_fail(request, match, method);
    record(method == nullptr ? others_ : *method->latencies, response.status,
           control_.clock() - begun);
    return response;
  }

  [[nodiscard]] std::vector<RequestLatencies> latencies() const {
    std::vector<RequestLatencies> all;
    collect(others_, "", "other", all);
    for (const Path& path : paths_) {
      for (const auto& [name, method] : path.methods) {
        collect(*method.latencies, name, path.pattern.text(), all);
      }
    }
    return all;
  }

 private:
  // By the class of the status: 2xx, …, 5xx.
  using Latencies = std::array<LatencyHistogram, 4>;

  struct Method {
    const Endpoint* endpoint = nullptr;
    std::unique_ptr<Latencies> latencies;
  };
  struct Path {
    explicit Path(PathPattern of) : pattern(std::move(of)) {}
    PathPattern pattern;
    std::map<std::string, Method> methods;

    [[nodiscard]] const Method* find(const std::string& method) const {
      const auto found = methods.find(method);
      return found == methods.end() ? nullptr : &found->second;
    }
  };
  struct Match {
    const Path* path = nullptr;  // null: there is nothing here
    std::vector<std::string> parameters;
  };

  // A path without parameters is meant rather than one with: /policies/default is no policy.
  [[nodiscard]] Match find(std::string_view path) const {
    Match best;
    if (!path.starts_with(kRoot)) return best;
    path.remove_prefix(kRoot.size());
    const auto segments = segments_of(path);
    for (const Path& candidate : paths_) {
      auto parameters = candidate.pattern.match(segments);
      if (!parameters) continue;
      if (best.path != nullptr && best.parameters.size() <= parameters->size()) continue;
      best = {&candidate, std::move(*parameters)};
    }
    return best;
  }

  ApiResponse answer_or_fail(const ApiRequest& request, const Match& match, const Method* method) {
    try {
      return answer(request, match, method);
    } catch (const std::exception& error) {
      log::error("{} {} failed: {}", request.method, request.path, error.what());
      return problem(500, "the request failed inside the edge, whose log says more");
    }
  }

  // In the order of the refusals: which page asks, who are you, what is this, may you, do you mean
  // it, what do you say.
  ApiResponse answer(const ApiRequest& request, const Match& match, const Method* method) {
    if (const auto own = check_origin(request); !own) return problem_of(own.error());
    Caller caller;
    if (method == nullptr || method->endpoint->access != Access::anyone) {
      auto known = control_.read([&](const Directory& directory) {
        return authenticate(request, directory, control_.sign_ins(), control_.now());
      });
      if (!known) return problem_of(known.error());
      caller = std::move(*known);
    }
    if (match.path == nullptr) {
      return problem(404, "there is nothing at " + in_quotes(request.path) +
                              ": /api/v1/openapi.json lists what there is");
    }
    if (method == nullptr) return method_not_allowed(request, *match.path);
    const Endpoint& endpoint = *method->endpoint;
    if (endpoint.access == Access::admin && caller.role != Role::admin) {
      return problem(403, "this needs the role admin; " + caller.actor + " may read");
    }
    if (const auto meant = check_intent(request, caller); !meant) return problem_of(meant.error());
    auto content = content_of(request, endpoint);
    if (!content) return std::move(content.error());
    const Call call{control_,
                    request,
                    caller,
                    match.parameters,
                    std::move(content->query),
                    std::move(content->body)};
    auto response = endpoint.handle(call);
    if (!response) return problem_of(response.error());
    if (response->events && request.transport == Transport::tcp) {
      response->events =
          std::make_unique<GuardedReader>(std::move(response->events), control_, caller);
    }
    return std::move(*response);
  }

  static ApiResponse method_not_allowed(const ApiRequest& request, const Path& path) {
    std::string allow;
    for (const auto& [name, method] : path.methods) allow += (allow.empty() ? "" : ", ") + name;
    ApiResponse response =
        problem(405, in_quotes(request.method) + " is not done here, but " + allow);
    response.allow = allow;
    return response;
  }

  void record(Latencies& latencies, int status, Duration latency) {
    latencies[static_cast<std::size_t>(std::clamp(status / 100, 2, 5) - 2)].record(latency);
  }

  static void collect(const Latencies& latencies, const std::string& method,
                      const std::string& route, std::vector<RequestLatencies>& all) {
    for (std::size_t i = 0; i < latencies.size(); ++i) {
      const auto counts = latencies[i].counts();
      if (std::all_of(counts.buckets.begin(), counts.buckets.end(),
                      [](std::uint64_t count) { return count == 0; })) {
        continue;
      }
      all.push_back({method, route, static_cast<int>(i) + 2, counts});
    }
  }

  Control& control_;
  std::vector<Path> paths_;
  Latencies others_;
};

Api::Api(Control& control) : impl_(std::make_unique<Impl>(control)) {}
Api::~Api() = default;

ApiResponse Api::handle(const ApiRequest& request) { return impl_->handle(request); }

std::vector<RequestLatencies> Api::latencies() const { return impl_->latencies(); }

}  // namespace oneping::control
