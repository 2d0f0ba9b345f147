// Results of operations that can fail while running. A packet that cannot be forwarded is not an
// error but a drop with a reason (drop_reason.h).
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace oneping {

// What happened, why, and what to do, as one line for a person.
struct Error {
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(std::string message) {
  return tl::make_unexpected(Error{std::move(message)});
}

// Puts what was tried in front of why it failed: "reading edge.yml: no such file".
[[nodiscard]] inline tl::unexpected<Error> fail(std::string_view tried, const Error& cause) {
  return fail(std::string(tried) + ": " + cause.message);
}

}  // namespace oneping
