#include "app/web_page.h"

#include <gtest/gtest.h>

#include <map>

namespace oneping {
namespace {

constexpr WebFile kFiles[] = {
    {.path = "/",
     .content_type = "text/html; charset=utf-8",
     .tag = "abc",
     .is_immutable = false,
     .plain = "<!doctype html>",
     .gzip = "gz",
     .brotli = "br"},
    {.path = "/assets/icon-1.svg",
     .content_type = "image/svg+xml",
     .tag = "def",
     .is_immutable = true,
     .plain = "<svg/>",
     .gzip = "",
     .brotli = ""},
};

struct Answer : PageAnswer {
  explicit Answer(const PageRequest& request) : PageAnswer(answer_page(request, kFiles)) {
    for (const auto& [name, value] : headers) header[name] = value;
  }
  std::map<std::string, std::string> header;
};

TEST(WebPage, IsServedAtTheRoot) {
  const Answer page({"GET", "/", "", ""});
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page.body, "<!doctype html>");
  EXPECT_EQ(page.header.at("ETag"), "\"abc\"");
  EXPECT_EQ(page.header.at("Cache-Control"), "no-cache") << "asked for anew, if only by its tag";
  EXPECT_EQ(page.header.at("Vary"), "Accept-Encoding");
  EXPECT_EQ(page.header.count("Content-Encoding"), 0u);
  EXPECT_EQ(Answer({"GET", "/index.html", "", ""}).body, page.body);
  EXPECT_EQ(Answer({"HEAD", "/", "", ""}).status, 200);
}

TEST(WebPage, LoadsNothingFromElsewhereAndIsFramedByNobody) {
  const Answer page({"GET", "/", "", ""});
  const std::string& policy = page.header.at("Content-Security-Policy");
  for (const char* part : {"default-src 'none'", "script-src 'self'", "style-src 'self'",
                           "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'"}) {
    EXPECT_NE(policy.find(part), std::string::npos) << part;
  }
  for (const char* part : {"unsafe", "http", "*", "data:", "blob:"}) {
    EXPECT_EQ(policy.find(part), std::string::npos) << part;
  }
  std::map<std::string, std::string> always;
  for (const auto& [name, value] : protective_headers()) always[name] = value;
  EXPECT_EQ(always.at("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(always.at("X-Frame-Options"), "DENY");
  EXPECT_EQ(always.at("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(always.at("Cross-Origin-Resource-Policy"), "same-origin");
}

TEST(WebPage, AFileWithItsHashInItsNameIsKept) {
  const Answer icon({"GET", "/assets/icon-1.svg", "br", ""});
  EXPECT_EQ(icon.header.at("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(icon.body, "<svg/>") << "not worth compressing";
  EXPECT_EQ(icon.header.count("Content-Encoding"), 0u);
}

TEST(WebPage, IsCompressedAsTheBrowserLikes) {
  struct Case {
    const char* accept;
    const char* body;
    const char* encoding;
  };
  for (const Case& c : {
           Case{"gzip, deflate, br, zstd", "br", "br"},
           Case{"gzip, deflate", "gz", "gzip"},
           Case{"br;q=0.5,gzip", "br", "br"},
           Case{"br;q=0, gzip;q=0.001", "gz", "gzip"},
           Case{"br; q=0.000", "<!doctype html>", ""},
           Case{"", "<!doctype html>", ""},
           Case{"identity", "<!doctype html>", ""},
           Case{"*", "<!doctype html>", ""},
           Case{"brotli, xgzip", "<!doctype html>", ""},
           Case{",,;,", "<!doctype html>", ""},
       }) {
    const Answer page({"GET", "/", c.accept, ""});
    EXPECT_EQ(page.body, c.body) << c.accept;
    const auto found = page.header.find("Content-Encoding");
    EXPECT_EQ(found == page.header.end() ? "" : found->second, c.encoding) << c.accept;
  }
}

TEST(WebPage, WhoHasItGetsItNotAgain) {
  struct Case {
    const char* accept;
    const char* tags;
    int status;
  };
  for (const Case& c : {
           Case{"", "\"abc\"", 304},
           Case{"", "W/\"abc\"", 304},
           Case{"", "\"old\", \"abc\"", 304},
           Case{"", "*", 304},
           Case{"", "\"old\"", 200},
           Case{"", "abc", 200},
           Case{"br", "\"abc\"", 200},
           Case{"br", "\"abc-br\"", 304},
           Case{"gzip", "\"abc-gz\"", 304},
       }) {
    const Answer page({"GET", "/", c.accept, c.tags});
    EXPECT_EQ(page.status, c.status) << c.accept << " " << c.tags;
    EXPECT_EQ(page.body.empty(), c.status == 304);
    EXPECT_EQ(page.header.count("ETag"), 1u);
  }
}

TEST(WebPage, NothingElseIsThere) {
  for (const char* path : {"/nothing", "", "/assets/", "/assets/../", "//", "/index.htm"}) {
    EXPECT_EQ(Answer({"GET", path, "", ""}).status, 404) << path;
  }
  const Answer posted({"POST", "/", "", ""});
  EXPECT_EQ(posted.status, 405);
  EXPECT_EQ(posted.header.at("Allow"), "GET, HEAD");
}

TEST(WebPage, WithoutTheFilesItSaysSo) {
  const PageAnswer page = answer_page({"GET", "/", "br", ""}, {});
  EXPECT_EQ(page.status, 404);
  EXPECT_EQ(page.content_type, "text/plain; charset=utf-8");
  EXPECT_NE(page.body.find("built without the dashboard's page"), std::string::npos);
}

TEST(WebPage, TheApiIsNotThePages) {
  for (const char* path : {"/api", "/api/", "/api/v1/tunnels"}) EXPECT_FALSE(is_page_path(path));
  for (const char* path : {"/", "", "/apis", "/assets/api/"}) EXPECT_TRUE(is_page_path(path));
}

}  // namespace
}  // namespace oneping
