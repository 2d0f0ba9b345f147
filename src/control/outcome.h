// What becomes of a request to the control plane: a value, or a refusal that says who is to blame.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace oneping::control {

enum class RefusalKind : std::uint8_t {
  malformed,     // it cannot be understood
  invalid,       // it is understood, and asks for what cannot be
  not_found,     // what it is about does not exist
  conflict,      // what exists stands in its way
  unauthorized,  // nobody knows who asks
  forbidden,     // who asks may not
  unavailable,   // not now: a part of the edge does not answer
  broken,        // a fault of ours, or of the machine's
};

struct Refusal {
  RefusalKind kind = RefusalKind::broken;
  std::string detail;  // what, why, what to do: for a person
  std::string field;   // which part of the request is at fault; empty: no single one
};

template <typename T>
using Outcome = tl::expected<T, Refusal>;

[[nodiscard]] inline tl::unexpected<Refusal> refuse(RefusalKind kind, std::string detail,
                                                    std::string field = {}) {
  return tl::make_unexpected(Refusal{kind, std::move(detail), std::move(field)});
}
[[nodiscard]] inline tl::unexpected<Refusal> invalid(std::string field, std::string detail) {
  return refuse(RefusalKind::invalid, std::move(detail), std::move(field));
}
[[nodiscard]] inline tl::unexpected<Refusal> conflict(std::string detail, std::string field = {}) {
  return refuse(RefusalKind::conflict, std::move(detail), std::move(field));
}
[[nodiscard]] inline tl::unexpected<Refusal> not_found(std::string detail) {
  return refuse(RefusalKind::not_found, std::move(detail));
}
// Hands a refusal on as the outcome of something else.
template <typename T>
[[nodiscard]] tl::unexpected<Refusal> refusal_of(const Outcome<T>& outcome) {
  return tl::make_unexpected(outcome.error());
}

// What somebody wrote, in quotation marks, cut short if it is long: for details.
[[nodiscard]] inline std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMost = 80;
  const bool long_one = text.size() > kMost;
  return '"' + std::string(text.substr(0, kMost)) + (long_one ? "…\"" : "\"");
}

}  // namespace oneping::control
