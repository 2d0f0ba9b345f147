#include "control/problem.h"

#include "control/describe.h"

namespace oneping::control {

namespace {

// RFC 9110, 15; RFC 9457, 4.2.1: with "about:blank" the title is the status' own.
const char* title_of(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return status < 500 ? "Client Error" : "Server Error";
  }
}

int status_of(RefusalKind kind) {
  switch (kind) {
    case RefusalKind::malformed: return 400;
    case RefusalKind::unauthorized: return 401;
    case RefusalKind::forbidden: return 403;
    case RefusalKind::not_found: return 404;
    case RefusalKind::conflict: return 409;
    case RefusalKind::invalid: return 422;
    case RefusalKind::unavailable: return 503;
    case RefusalKind::broken: break;
  }
  return 500;
}

}  // namespace

ApiResponse problem(int status, std::string detail, std::string field) {
  Json body = {{"type", "about:blank"},
               {"title", title_of(status)},
               {"status", status},
               {"detail", std::move(detail)}};
  if (!field.empty()) body["field"] = std::move(field);
  ApiResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = to_text(body);
  return response;
}

ApiResponse problem_of(const Refusal& refusal) {
  return problem(status_of(refusal.kind), refusal.detail, refusal.field);
}

}  // namespace oneping::control
