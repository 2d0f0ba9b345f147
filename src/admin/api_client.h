// Asks the control API. Every error is a line for a person: what happened, why, and what to do.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/api_address.h"
#include "admin/columns.h"
#include "base/result.h"

namespace oneping::admin {

inline constexpr const char* kDefaultApi = "/run/oneping/edge.sock";

struct ApiOptions {
  std::string api = kDefaultApi;
  std::string token_file;  // empty: without a token
  // How long the API may be silent.
  std::chrono::seconds patience{30};
};

// For a name in a path.
[[nodiscard]] std::string percent_encoded(std::string_view text);

struct ApiCall {
  std::string method;  // "POST"
  std::string path;    // behind /api/v1, encoded
  std::vector<std::pair<std::string, std::string>> query;
  std::optional<Json> body;
};

class ApiClient {
 public:
  // Reads the token; does not connect.
  [[nodiscard]] static Result<ApiClient> open(const ApiOptions& options);

  // The object that the API answers with; null if it has nothing to say.
  [[nodiscard]] Result<Json> call(const ApiCall& call) const;

  // The items of a list, page after page, `limit` of them at most.
  [[nodiscard]] Result<Json> list(ApiCall call, std::size_t limit) const;

  // Hands over the answer's bytes as they come, until it ends or `take` returns false.
  using Take = std::function<bool(std::string_view bytes)>;
  [[nodiscard]] Result<void> stream(const ApiCall& call, const Take& take) const;

 private:
  ApiClient(ApiAddress address, std::string token, std::chrono::seconds patience)
      : address_(std::move(address)), token_(std::move(token)), patience_(patience) {}

  ApiAddress address_;
  std::string token_;
  std::chrono::seconds patience_;
};

}  // namespace oneping::admin
