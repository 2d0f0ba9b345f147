// HTTP messages as values (RFC 9114, 4), whose bodies are small.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oneping::masque {

struct HttpField {
  std::string name;  // lower case
  std::string value;
  friend bool operator==(const HttpField&, const HttpField&) = default;
};
// In order; pseudo-fields first.
using HttpFields = std::vector<HttpField>;

// The first value of that name; null if there is none.
[[nodiscard]] const std::string* find_field(const HttpFields& fields, std::string_view name);

struct HttpRequest {
  std::string method;
  std::string scheme = "https";
  std::string authority;
  std::string path;
  std::string protocol;  // of an extended CONNECT (RFC 9220); else empty
  HttpFields fields;     // without the pseudo-fields
  std::string body;
};

struct HttpResponse {
  int status = 200;
  HttpFields fields;
  std::string body;
  [[nodiscard]] bool is_success() const { return status >= 200 && status < 300; }
};

// With the pseudo-fields, without the body.
[[nodiscard]] HttpFields head_of(const HttpRequest& request);
[[nodiscard]] HttpFields head_of(const HttpResponse& response);
// From a head that nghttp3 has checked.
[[nodiscard]] HttpRequest request_of(HttpFields head);
[[nodiscard]] HttpResponse response_of(HttpFields head);

}  // namespace oneping::masque
