// Any requests to the control API: every answer is well formed and none says that the edge is at
// fault; afterwards everything in the control plane still fits together.
//
// The input is text: a request a line, "METHOD PATH?QUERY BODY", as somebody may type it, so that
// the corpus can be read and the mutations make sense. "$" in front of it sends it by TCP with the
// bearer token up to the next space, "%" with the cookies up to the next "|" and the Origin up to
// the next space; "~" lets ten minutes pass.

#include <cstdint>
#include <string_view>

#include "base/log.h"
#include "control/testing/checked_api.h"
#include "control/testing/invariants.h"
#include "fuzz/require.h"

namespace {

using namespace oneping::control;
using oneping::require;
using oneping::control::testing::FurnishedWorld;

std::string_view cut(std::string_view& text, char end) {
  const auto at = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

ApiRequest request_in(std::string_view line) {
  ApiRequest request;
  request.peer = "uid 0 (root)";
  if (line.starts_with('$')) {
    line.remove_prefix(1);
    request.transport = Transport::tcp;
    request.authorization = "Bearer " + std::string(cut(line, ' '));
  } else if (line.starts_with('%')) {
    line.remove_prefix(1);
    request.transport = Transport::tcp;
    request.host = "127.0.0.1:9780";
    request.cookie = cut(line, '|');
    request.origin = cut(line, ' ');
  }
  request.method = cut(line, ' ');
  std::string_view target = cut(line, ' ');
  request.path = "/api/v1" + std::string(cut(target, '?'));
  while (!target.empty()) {
    std::string_view parameter = cut(target, '&');
    const std::string name(cut(parameter, '='));
    request.query.emplace(name, std::string(parameter));
  }
  request.body = line;
  request.content_type = "application/json";
  return request;
}

void ask(FurnishedWorld& world, std::string_view line) {
  const ApiResponse response = world.api->handle(request_in(line));
  if (response.events || !response.file.empty()) {
    require(response.status == 200);
    return;
  }
  require(response.status >= 200 && response.status < 500);
  if (response.status == 204) {
    require(response.body.empty());
    return;
  }
  require(Json::accept(response.body));
  require(response.content_type ==
          (response.status < 400 ? "application/json" : "application/problem+json"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  oneping::log::set_level(oneping::log::Level::off);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  FurnishedWorld world;
  for (int lines = 0; lines < 32 && !text.empty(); ++lines) {
    const std::string_view line = cut(text, '\n');
    if (line == "~") {
      world.now += std::chrono::minutes(10);
      world.control->on_time();
      continue;
    }
    ask(world, line);
  }
  require(oneping::control::testing::broken_invariant(world).empty());
  return 0;
}
