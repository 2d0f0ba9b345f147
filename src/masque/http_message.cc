#include "masque/http_message.h"

#include <algorithm>
#include <charconv>

namespace oneping::masque {

namespace {

std::string take_field(HttpFields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &HttpField::name);
  if (found == fields.end()) return {};
  std::string value = std::move(found->value);
  fields.erase(found);
  return value;
}

}  // namespace

const std::string* find_field(const HttpFields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &HttpField::name);
  return found == fields.end() ? nullptr : &found->value;
}

HttpFields head_of(const HttpRequest& request) {
  HttpFields head = {{":method", request.method}};
  if (!request.protocol.empty()) head.push_back({":protocol", request.protocol});
  head.push_back({":scheme", request.scheme});
  head.push_back({":authority", request.authority});
  head.push_back({":path", request.path});
  head.insert(head.end(), request.fields.begin(), request.fields.end());
  return head;
}

HttpFields head_of(const HttpResponse& response) {
  HttpFields head = {{":status", std::to_string(response.status)}};
  head.insert(head.end(), response.fields.begin(), response.fields.end());
  return head;
}

HttpRequest request_of(HttpFields head) {
  HttpRequest request;
  request.method = take_field(head, ":method");
  request.scheme = take_field(head, ":scheme");
  request.authority = take_field(head, ":authority");
  if (const auto* host = find_field(head, "host"); host != nullptr && request.authority.empty()) {
    request.authority = *host;
  }
  request.path = take_field(head, ":path");
  request.protocol = take_field(head, ":protocol");
  request.fields = std::move(head);
  return request;
}

HttpResponse response_of(HttpFields head) {
  HttpResponse response;
  const std::string status = take_field(head, ":status");
  response.status = 0;
  std::from_chars(status.data(), status.data() + status.size(), response.status);
  response.fields = std::move(head);
  return response;
}

}  // namespace oneping::masque
