// What tells of a running edge: status, backup, audit, events.

#include <gtest/gtest.h>

#include "admin/testing/command_line.h"
#include "admin/testing/fake_edge.h"

namespace oneping::admin {
namespace {

TEST(EdgeStatus, IsACard) {
  expect({"edge status",
          {{"GET /status",
            R"({"name":"edge","version":"0.1.0","started":"2026-11-21T23:28:14Z",)"
            R"("uptime_ms":90000,"pin":"sha256:AA=","listen":["192.0.2.1:7844","[::1]:7844"],)"
            R"("tunnels":{"healthy":2,"degraded":0,"down":1,"inactive":0},"connections":8,)"
            R"("routes":4,"policies":3,"devices":1,"users":2,"flows":17,)"
            R"("default_verdict":"deny"})"}},
          {"GET /status"},
          "Name             edge\n"
          "Version          0.1.0\n"
          "Started          2026-11-21T23:28:14+00:00\n"
          "Uptime           1m30s\n"
          "Listens at       192.0.2.1:7844, [::1]:7844\n"
          "Pin              sha256:AA=\n"
          "Tunnels          2 healthy, 0 degraded, 1 down, 0 inactive\n"
          "Connections      8\n"
          "Flows            17\n"
          "Routes           4\n"
          "Policies         3\n"
          "Default verdict  deny\n"
          "Devices          1\n"
          "Users            2\n"});
}

TEST(EdgeBackup, IsAPrivateCopy) {
  FakeEdge edge;
  const std::string store = "SQLite format 3" + std::string(200'000, '\0');
  const std::string file = edge.folder() / "copy.db";
  const std::vector<std::string> words = {"edge", "backup", file, "--api", edge.socket()};

  EXPECT_EQ(run_words(words).err, "oneping: there is no such thing\n");
  EXPECT_FALSE(std::filesystem::exists(file));

  edge.answer("GET /backup", {200, store, "application/vnd.sqlite3"});
  const auto outcome = run_words(words);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "The store is copied to " + file + ".\n");
  EXPECT_EQ(edge.folder().text_of("copy.db"), store);
  EXPECT_EQ(edge.folder().mode_of("copy.db"), 0600u);

  EXPECT_EQ(run_words(words).code, 1);
  EXPECT_EQ(edge.folder().text_of("copy.db"), store);
}

TEST(EdgeDashboard, PrintsALinkWithItsSecretWhereNoServerSeesIt) {
  const std::string answer =
      R"({"link":"opl_abc","address":"http://127.0.0.1:9780","expires":"2026-11-21T23:28:14Z"})";
  const std::string note = "It signs in once, within five minutes, whoever opens it.\n";
  expect({"edge dashboard",
          {{"POST /session/link", answer}},
          {"POST /session/link {}"},
          "http://127.0.0.1:9780/#link=opl_abc\n",
          note});
  expect({"edge dashboard --role read --at https://edge.example.net/",
          {{"POST /session/link", answer}},
          {R"(POST /session/link {"role":"read"})"},
          "https://edge.example.net/#link=opl_abc\n",
          note});
  expect({"edge dashboard -o json",
          {{"POST /session/link", answer}},
          {"POST /session/link {}"},
          R"({"url":"http://127.0.0.1:9780/#link=opl_abc","expires":"2026-11-21T23:28:14Z"})"
          "\n"});
  expect({"edge dashboard --role owner",
          {},
          {},
          "",
          "oneping: --role: 'owner' is neither read nor admin (see --help)\n",
          2});
}

TEST(Audit, ShowsTheLastHundred) {
  const std::string entries =
      R"x({"items":[{"id":9,"time":"2026-11-21T23:28:14Z","actor":"uid 0 (root)",)x"
      R"x("action":"route.create","object":"10.0.0.0/8","detail":{"tunnel":"office"}},)x"
      R"x({"id":8,"time":"2026-11-21T23:28:13Z","actor":"edge","action":"tunnel.token",)x"
      R"x("object":"office","detail":{}}],"next":8})x";
  expect(
      {"audit --action route. --object 10.0.0.0/8 --since 2026-11-21T00:00:00Z --limit 2",
       {{"GET /audit?action=route.&object=10.0.0.0%2F8&since=2026-11-21T00%3A00%3A00.000Z&limit=2",
         entries}},
       {"GET /audit?action=route.&object=10.0.0.0%2F8&since=2026-11-21T00%3A00%3A00.000Z&limit=2"},
       "TIME                       ACTOR         ACTION        OBJECT      DETAIL\n"
       "2026-11-21T23:28:14+00:00  uid 0 (root)  route.create  10.0.0.0/8  "
       "{\"tunnel\":\"office\"}\n"
       "2026-11-21T23:28:13+00:00  edge          tunnel.token  office      -\n"});
  expect({"audit",
          {{"GET /audit?limit=100", R"({"items":[],"next":null})"}},
          {"GET /audit?limit=100"},
          "",
          "no entries\n"});
}

TEST(Events, AreALineEach) {
  FakeEdge edge;
  edge.answer("GET /events",
              {200,
               ": hello\n\n"
               "id: 7\nevent: tunnel.up\n"
               "data: {\"time\":\"2026-11-21T23:28:14Z\",\"object\":\"office\",\"detail\":{}}\n\n"
               "id: 8\nevent: route.create\ndata: {\"time\":\"2026-11-21T23:28:15Z\","
               "\"object\":\"10.0.0.0/8\",\"actor\":\"uid 0 "
               "(root)\",\"detail\":{\"tunnel\":\"a\\u001b\"}}\n\n",
               "text/event-stream"});
  const auto people = run_words({"events", "--api", edge.socket()});
  EXPECT_EQ(people.out,
            "2026-11-21T23:28:14+00:00  tunnel.up  office\n"
            "2026-11-21T23:28:15+00:00  route.create  10.0.0.0/8  uid 0 (root)  "
            "{\"tunnel\":\"a\\u001b\"}\n");
  EXPECT_EQ(people.err,
            "oneping: the edge has ended the stream: it stops, or this was read too slowly\n");
  EXPECT_EQ(people.code, 1);
  const auto programs = run_words({"events", "-o", "json", "--api", edge.socket()});
  EXPECT_EQ(programs.out.substr(0, programs.out.find('\n')),
            R"({"id":7,"event":"tunnel.up","data":)"
            R"({"time":"2026-11-21T23:28:14Z","object":"office","detail":{}}})");
}

}  // namespace
}  // namespace oneping::admin
