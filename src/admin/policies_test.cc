#include <gtest/gtest.h>

#include "admin/testing/command_line.h"
#include "admin/testing/scratch_folder.h"

namespace oneping::admin {
namespace {

TEST(PolicyCommands, AskAndTell) {
  const std::string made = R"({"name":"p","position":3,"verdict":"allow"})";
  const CommandCase cases[] = {
      {"policy add p --allow",
       {{"POST /policies", made}},
       {R"(POST /policies {"name":"p","verdict":"allow"})"},
       "Made policy p at position 3: allow.\n"},
      {"policy add p --deny --user alice --user bob --group ops --device gate --tag laptop "
       "--to 10.0.0.0/8 --to fd00::/8 --vnet b --udp --port 53 --port 1000-2000 "
       "--from 2026-11-21T00:00:00Z --until 2026-11-22T00:00:00+01:00 --position 2 --comment why",
       {{"POST /policies", made}},
       {R"(POST /policies {"name":"p","verdict":"deny",)"
        R"("who":["user:alice","user:bob","group:ops","device:gate","tag:laptop"],)"
        R"("to":["10.0.0.0/8","fd00::/8"],"vnet":"b","protocol":"udp","ports":[53,"1000-2000"],)"
        R"("from":"2026-11-21T00:00:00.000Z","until":"2026-11-21T23:00:00.000Z","position":2,)"
        R"("comment":"why"})"},
       "Made policy p at position 3: allow.\n"},
      {"policy add p --allow --icmp --before q",
       {{"GET /policies/q", R"({"name":"q","position":7})"}, {"POST /policies", made}},
       {"GET /policies/q",
        R"(POST /policies {"name":"p","verdict":"allow","protocol":"icmp","position":7})"},
       "Made policy p at position 3: allow.\n"},
      {"policy add p --allow --after q -o json",
       {{"GET /policies/q", R"({"name":"q","position":7})"}, {"POST /policies", made}},
       {"GET /policies/q", R"(POST /policies {"name":"p","verdict":"allow","position":8})"},
       "{\"name\":\"p\",\"position\":3,\"verdict\":\"allow\"}\n"},
      {"policy list",
       {{"GET /policies?limit=1000",
         R"({"items":[{"position":1,"name":"dns","who":["group:ops"],"to":["10.0.0.0/8"],)"
         R"("vnet":"b","protocol":"udp","ports":[53,"1000-2000"],"from":null,"until":null,)"
         R"("verdict":"allow","state":"active","comment":null},)"
         R"({"position":2,"name":"none","who":[],"to":[],"vnet":null,"protocol":null,"ports":[],)"
         R"("until":"2026-11-21T23:28:14Z","verdict":"deny","state":"over"}],"next":null})"},
        {"GET /policies/default", R"({"verdict":"allow"})"}},
       {"GET /policies?limit=1000", "GET /policies/default"},
       "#  NAME  VERDICT  WHO        TO          VNET  WHAT               STATE   FROM  UNTIL      "
       " "
       "               COMMENT\n"
       "1  dns   allow    group:ops  10.0.0.0/8  b     udp 53, 1000-2000  active  -     -          "
       " "
       "               -\n"
       "2  none  deny     everybody  everywhere  all   all                over    -     "
       "2026-11-21T23:28:14+00:00  -\n",
       "Where no policy matches: allow.\n"},
      {"policy move p --before q",
       {{"POST /policies/p/move", R"({"name":"p","position":1})"}},
       {R"(POST /policies/p/move {"before":"q"})"},
       "Policy p is moved.\n"},
      {"policy move p --position 1",
       {{"POST /policies/p/move", R"({"name":"p","position":1})"}},
       {R"(POST /policies/p/move {"position":1})"},
       "Policy p is moved.\n"},
      {"policy delete p",
       {{"DELETE /policies/p", ""}},
       {"DELETE /policies/p"},
       "Deleted policy p.\n"},
      {"policy default",
       {{"GET /policies/default", R"({"verdict":"deny"})"}},
       {"GET /policies/default"},
       "Where no policy matches: deny.\n"},
      {"policy default allow",
       {{"PUT /policies/default", R"({"verdict":"allow"})"}},
       {R"(PUT /policies/default {"verdict":"allow"})"},
       "Where no policy matches: allow.\n"},
  };
  for (const auto& c : cases) expect(c);
}

TEST(PolicyCommands, WrongUsage) {
  for (const char* line :
       {"policy add p", "policy add p --allow --deny", "policy add p --allow --icmp --udp",
        "policy add p --allow --icmp --port 53", "policy add p --allow --port 53",
        "policy add p --allow --udp --port 99999", "policy add p --allow --udp --port 20-10",
        "policy add p --allow --position 0", "policy add p --allow --position 1 --after q",
        "policy move p", "policy move p --before a --after b", "policy check",
        "policy check --to 10.0.0.1 --port 53", "policy check --to 10.0.0.1 --udp", "policy test",
        "policy list --limit 0"}) {
    EXPECT_EQ(run_words(words_of_line(line)).code, 2) << line;
  }
}

TEST(PolicyCheck, SaysWhichRuleDecides) {
  const std::string allowed =
      R"({"verdict":"allow","rule":"ops-ping","position":3,"reason":"alice is in group ops",)"
      R"("route":{"prefix":"10.0.0.0/8","vnet":"default"},"tunnel":"office",)"
      R"("tunnel_status":"healthy"})";
  const std::string denied =
      R"({"verdict":"deny","rule":"default","position":null,"reason":"no policy matches",)"
      R"("route":null,"tunnel":null,"tunnel_status":null})";
  const CommandCase cases[] = {
      {"policy check --user alice --to 10.0.0.1 --icmp",
       {{"POST /policies/check", allowed}},
       {R"(POST /policies/check {"user":"alice","to":"10.0.0.1","protocol":"icmp"})"},
       "Verdict        allow\n"
       "Rule           ops-ping, at position 3\n"
       "Reason         alice is in group ops\n"
       "Route          10.0.0.0/8 in virtual network default\n"
       "Tunnel         office\n"
       "Tunnel status  healthy\n"},
      {"policy check --device gate --group a --group b --tag t --to fd00::1 --vnet v --udp "
       "--port 53 --at 2026-11-21T00:00:00Z -o json",
       {{"POST /policies/check", denied}},
       {R"(POST /policies/check {"device":"gate","groups":["a","b"],"tags":["t"],"to":"fd00::1",)"
        R"("vnet":"v","protocol":"udp","port":53,"at":"2026-11-21T00:00:00.000Z"})"},
       denied + "\n",
       "",
       1},
      {"policy check --to 10.0.0.1",
       {{"POST /policies/check", denied}},
       {R"(POST /policies/check {"to":"10.0.0.1","protocol":"icmp"})"},
       "Verdict        deny\nRule           default\nReason         no policy matches\n"
       "Route          -\nTunnel         -\nTunnel status  -\n",
       "",
       1},
      {"policy check --user nobody --to 10.0.0.1",
       {},
       {R"(POST /policies/check {"user":"nobody","to":"10.0.0.1","protocol":"icmp"})"},
       "",
       "oneping: there is no such thing\n",
       2},
  };
  for (const auto& c : cases) expect(c);
}

TEST(PolicyTest, TriesAFile) {
  const ScratchFolder folder;
  const std::string file = folder.put("p.yml",
                                      "- {name: a, user: alice, to: 10.0.0.1, expect: allow}\n"
                                      "- {name: b, to: fd00::1, udp: 53, expect: deny, rule: r}\n");
  const std::string request =
      R"(POST /policies/test {"expectations":[)"
      R"({"name":"a","user":"alice","to":"10.0.0.1","expect":"allow","protocol":"icmp"},)"
      R"({"name":"b","to":"fd00::1","protocol":"udp","port":53,"expect":"deny","rule":"r"}]})";
  expect({"policy test " + file,
          {{"POST /policies/test", R"({"passed":2,"failed":0,"results":[]})"}},
          {request},
          "2 passed, 0 failed\n"});
  expect({"policy test " + file,
          {{"POST /policies/test",
            R"({"passed":0,"failed":2,"results":[{"name":"a","pass":false,"expect":"allow",)"
            R"("verdict":"deny","rule":"default","reason":"no policy matches"},)"
            R"({"name":"b","pass":false,"expect":"deny","verdict":"deny","rule":"s",)"
            R"("reason":"s denies all"}]})"}},
          {request},
          "FAIL a: expected allow, got deny by rule default: no policy matches\n"
          "FAIL b: expected deny by rule r, got deny by rule s: s denies all\n"
          "0 passed, 2 failed\n",
          "",
          1});
  expect(
      {"policy test " + folder.put("bad.yml", "- to: 10.0.0.1\n  wher: x\n"),
       {},
       {},
       "",
       "oneping: " + folder / "bad.yml" +
           ":2:3: unknown key 'wher': known here are name, user, device, groups, tags, to, vnet, "
           "icmp, udp, at, expect, rule\n",
       2});
  expect({"policy test " + file, {}, {request}, "", "oneping: there is no such thing\n", 2});
}

}  // namespace
}  // namespace oneping::admin
