#include "admin/api_request.h"

#include <algorithm>

namespace oneping::admin {

namespace {

// A field's value as a part of a path or a query.
std::string as_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

ApiCall request_of(const std::string& request, Json fields) {
  const std::size_t space = request.find(' ');
  ApiCall call;
  call.method = request.substr(0, space);
  for (std::size_t at = space + 1; at < request.size();) {
    const std::size_t open = std::min(request.find('{', at), request.size());
    call.path += request.substr(at, open - at);
    if (open == request.size()) break;
    const std::size_t close = request.find('}', open);
    call.path += percent_encoded(as_text(take(fields, request.substr(open + 1, close - open - 1))));
    at = close + 1;
  }
  if (call.method == "GET" || call.method == "DELETE") {
    for (const auto& [name, value] : fields.items()) call.query.emplace_back(name, as_text(value));
  } else {
    call.body = std::move(fields);
  }
  return call;
}

Json take(Json& fields, const std::string& name) {
  Json value = field_of(fields, name);
  fields.erase(name);
  return value;
}

}  // namespace oneping::admin
