#include "app/web_page.h"

#include <algorithm>
#include <cctype>

namespace oneping {

namespace {

constexpr const char* kText = "text/plain; charset=utf-8";

constexpr const char* kNoPage =
    "This edge was built without the dashboard's page.\n\n"
    "Build it where Node.js and npm are installed (`make build` says so), or use the commands:\n"
    "`oneping --help`. The control API is at /api/v1, and /api/v1/openapi.json describes it.\n";
constexpr const char* kNothing = "There is nothing here. The dashboard is at /\n";
constexpr const char* kOnlyRead = "The page's files can only be read.\n";

// Scripts and styles are files of this server and nothing else; the page speaks to nobody else, is
// in nobody's frame, sends no form anywhere; and no text ever becomes markup or script.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";
// The API's answers are no pages.
constexpr const char* kNoPolicy = "default-src 'none'; frame-ancestors 'none'";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// The elements of a list in a header (RFC 9110, 5.6.1).
template <typename Visit>
bool any_element(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    if (visit(trimmed(list.substr(0, end)))) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// RFC 9110, 12.5.3; what is not named is not taken, though "*" would allow it.
bool accepts(std::string_view accept_encoding, std::string_view coding) {
  return any_element(accept_encoding, [&](std::string_view element) {
    const auto name = trimmed(element.substr(0, element.find(';')));
    if (name != coding) return false;
    const auto weight = element.find("q=");
    if (weight == element.npos) return true;
    const auto value = element.substr(weight + 2);
    return value.find_first_of("123456789") != value.npos;  // q=0, q=0.000: not this one
  });
}

// RFC 9110, 13.1.2.
bool has_it(std::string_view if_none_match, std::string_view tag) {
  return any_element(if_none_match, [&](std::string_view element) {
    if (element == "*") return true;
    if (element.starts_with("W/")) element.remove_prefix(2);
    return element == tag;
  });
}

PageAnswer refusal(int status, std::string_view words) {
  return {.status = status,
          .content_type = kText,
          .headers = {{"Cache-Control", "no-store"}, {"Content-Security-Policy", kNoPolicy}},
          .body = words};
}

PageAnswer answer_file(const PageRequest& request, const WebFile& file) {
  PageAnswer answer;
  answer.content_type = file.content_type;
  const bool brotli = !file.brotli.empty() && accepts(request.accept_encoding, "br");
  const bool gzip = !brotli && !file.gzip.empty() && accepts(request.accept_encoding, "gzip");
  answer.body = brotli ? file.brotli : gzip ? file.gzip : file.plain;
  // Each form has a tag of its own (RFC 9110, 8.8.3.3).
  const std::string tag = '"' + std::string(file.tag) + (brotli ? "-br" : gzip ? "-gz" : "") + '"';
  answer.headers = {
      {"ETag", tag},
      {"Vary", "Accept-Encoding"},
      {"Cache-Control", file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Content-Security-Policy", kPolicy},
  };
  if (has_it(request.if_none_match, tag)) {
    answer.status = 304;
    answer.body = {};
    return answer;
  }
  if (brotli || gzip) answer.headers.emplace_back("Content-Encoding", brotli ? "br" : "gzip");
  return answer;
}

}  // namespace

bool is_page_path(std::string_view path) { return path != "/api" && !path.starts_with("/api/"); }

PageAnswer answer_page(const PageRequest& request, std::span<const WebFile> files) {
  std::string_view path = request.path;
  if (path == "/index.html") path = "/";
  const auto file = std::find_if(files.begin(), files.end(),
                                 [&](const WebFile& known) { return known.path == path; });
  if (file == files.end()) {
    return path == "/" ? refusal(404, kNoPage) : refusal(404, kNothing);
  }
  if (request.method != "GET" && request.method != "HEAD") {
    PageAnswer answer = refusal(405, kOnlyRead);
    answer.headers.emplace_back("Allow", "GET, HEAD");
    return answer;
  }
  return answer_file(request, *file);
}

std::vector<std::pair<std::string, std::string>> protective_headers() {
  return {
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Embedder-Policy", "require-corp"},
      {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
  };
}

}  // namespace oneping
