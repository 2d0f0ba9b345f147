// A question from another thread to the event loop's: asked in one of its turns, answered here.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "io/event_loop.h"

namespace oneping {

inline constexpr std::chrono::seconds kLoopTimeout{1};

// Nothing if the loop does not answer in time; it may still do so later, with nobody to hear it.
// What `ask` refers to must outlive the loop.
template <typename Ask, typename Value = std::invoke_result_t<Ask>>
[[nodiscard]] std::optional<Value> ask_loop(EventLoop& loop, Ask ask) {
  const auto promise = std::make_shared<std::promise<Value>>();
  auto answer = promise->get_future();
  loop.post([promise, ask = std::move(ask)]() mutable { promise->set_value(ask()); });
  if (answer.wait_for(kLoopTimeout) != std::future_status::ready) return std::nullopt;
  return answer.get();
}

}  // namespace oneping
