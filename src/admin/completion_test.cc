#include "admin/completion.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "admin/testing/fake_edge.h"
#include "admin/testing/program.h"

namespace oneping::admin {
namespace {

using Words = std::vector<std::string>;

class CompletionTest : public testing::Test {
 protected:
  CompletionTest() {
    add_all_commands(app, action);
    auto* serve = app.get_subcommand("edge")->add_subcommand("serve");
    serve->add_option("--log")->type_name("FILE|none");
  }

  [[nodiscard]] Words texts(const Words& words) {
    const auto names = [this](const std::string& placeholder, const ApiOptions& options) {
      asked = placeholder + " at " + options.api;
      return placeholder == "TUNNEL" ? Words{"berlin", "office"} : Words{};
    };
    Words found;
    const Completion completion = complete(app, words, names);
    for (const auto& candidate : completion.candidates) found.push_back(candidate.text);
    if (completion.is_file) found.push_back("a file");
    return found;
  }

  CLI::App app{"", "oneping"};
  Action action;
  std::string asked;  // the last time that names were
};

TEST_F(CompletionTest, KnowsWhatMayStandThere) {
  struct Case {
    const char* name;
    Words words;
    Words found;
  };
  const Case cases[] = {
      {"commands", {"t"}, {"tunnel"}},
      {"hidden ones are not", {"__"}, {}},
      {"commands of a command", {"tunnel", "r"}, {"rotate", "rename"}},
      {"an unknown command", {"tunel", ""}, {"edge", "tunnel"}},
      {"names", {"tunnel", "info", ""}, {"berlin", "office"}},
      {"names that begin so", {"tunnel", "info", "o"}, {"office"}},
      {"a new name is nobody's to know", {"tunnel", "create", ""}, {}},
      {"the second argument", {"route", "add", "10.0.0.0/8", "b"}, {"berlin"}},
      {"no third argument", {"route", "add", "10.0.0.0/8", "berlin", ""}, {}},
      {"flags", {"tunnel", "delete", "--f"}, {"--force"}},
      {"flags before the argument", {"tunnel", "delete", "--force", "b"}, {"berlin"}},
      {"both names of a flag",
       {"tunnel", "list", "-"},
       {"-h", "--help", "--limit", "--api", "--api-token-file", "-o", "--output"}},
      {"the value of a flag", {"route", "list", "--tunnel", ""}, {"berlin", "office"}},
      {"behind an equals sign", {"route", "list", "--tunnel=b"}, {"--tunnel=berlin"}},
      {"choices", {"tunnel", "list", "-o", ""}, {"table", "json"}},
      {"choices of an argument", {"policy", "default", "d"}, {"deny"}},
      {"a flag takes no value", {"key", "create", "--reusable="}, {}},
      {"an unknown flag", {"tunnel", "info", "--foo=b"}, {}},
      {"a file or a word", {"edge", "serve", "--log", ""}, {"none", "a file"}},
      {"a file", {"tunnel", "token", "office", "--out", "x"}, {"a file"}},
      {"a file as argument", {"policy", "test", ""}, {"a file"}},
      {"flags end at two dashes", {"tunnel", "info", "--", "-"}, {}},
      {"and then come arguments", {"tunnel", "info", "--", "b"}, {"berlin"}},
      {"values that look like commands", {"tunnel", "create", "list", "--co"}, {"--comment"}},
      {"nothing", {}, {}},
  };
  for (const auto& c : cases) {
    Words found = texts(c.words);
    if (std::string(c.name) == "an unknown command") {
      EXPECT_GT(found.size(), 5u);
      continue;
    }
    EXPECT_EQ(found, c.found) << c.name;
  }
}

TEST_F(CompletionTest, AsksTheEdgeThatTheCommandWouldAsk) {
  (void)texts({"group", "add", "ops", "alice", "b"});
  EXPECT_EQ(asked, "USER at /run/oneping/edge.sock");
  (void)texts({"vnet", "delete", "--api", "/tmp/other.sock", ""});
  EXPECT_EQ(asked, "VNET at /tmp/other.sock");
  (void)texts({"vnet", "delete", "--api=http://127.0.0.1:1", ""});
  EXPECT_EQ(asked, "VNET at http://127.0.0.1:1");
}

// The shells themselves, with the program.

std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  char block[256];
  for (std::size_t n = 0; (n = std::fread(block, 1, sizeof block, pipe)) > 0;) {
    text.append(block, n);
  }
  ::pclose(pipe);
  return text;
}

bool is_installed(const std::string& program) {
  return !output_of("command -v " + program).empty();
}

class ShellCompletionTest : public testing::Test {
 protected:
  ShellCompletionTest() {
    edge.answer("GET /tunnels?limit=1000",
                R"({"items":[{"name":"berlin"},{"name":"office"}],"next":null})");
    edge.answer("GET /routes?limit=1000",
                R"({"items":[{"prefix":"fd00:1::/32"},{"prefix":"fd00:2::/32"}],"next":null})");
    ::setenv("ONEPING_API", edge.socket().c_str(), 1);
    std::filesystem::create_symlink(ONEPING_ADMIN_PROGRAM, edge.folder() / "oneping");
    path = "PATH=" + edge.folder() / "" + ":$PATH ";
  }
  ~ShellCompletionTest() override { ::unsetenv("ONEPING_API"); }

  // Runs `script` in a shell that has the completion.
  [[nodiscard]] std::string run(const std::string& shell, const std::string& script) const {
    const std::string file = edge.folder().put("script", script);
    return output_of(path + shell + " " + file + " 2>&1");
  }

  FakeEdge edge;
  std::string path;
};

TEST_F(ShellCompletionTest, Bash) {
  struct Case {
    const char* words;  // as bash has taken them apart
    const char* reply;
  };
  const Case cases[] = {
      {"oneping tunn", "<tunnel>"},
      {"oneping tunnel info ''", "<berlin><office>"},
      {"oneping tunnel info of", "<office>"},
      {"oneping route list --tunnel = b", "<berlin>"},
      {"oneping route list --tunnel =", "<berlin><office>"},
      {"oneping route delete fd00 : 1", "<1::/32>"},
      {"oneping route delete fd00 :", "<1::/32><2::/32>"},
      {"oneping tunnel list -o ''", "<table><json>"},
      {"oneping tunnel list --output = j", "<json>"},
      {"oneping policy test __folder__/edge", "<__folder__/edge.sock>"},
      {"oneping tunnel info --api = /nowhere ''", ""},
  };
  for (const auto& c : cases) {
    const std::string here = edge.folder() / "";
    const auto placed = [&](std::string text) {
      const std::string mark = "__folder__/";
      const auto at = text.find(mark);
      return at == text.npos ? text : text.replace(at, mark.size(), here);
    };
    EXPECT_EQ(run("bash --norc",
                  "set -u; source <(oneping completion bash)\n"
                  "complete -p oneping >/dev/null || echo not registered\n"
                  "COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'\n"
                  "COMP_WORDS=(" +
                      placed(c.words) +
                      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                      "_oneping; printf '<%s>' ${COMPREPLY[@]+\"${COMPREPLY[@]}\"} | "
                      "sed 's/^<>$//'"),
              placed(c.reply))
        << c.words;
  }
}

TEST_F(ShellCompletionTest, Fish) {
  if (!is_installed("fish")) GTEST_SKIP() << "fish is not installed";
  EXPECT_EQ(run("fish --no-config",
                "oneping completion fish | source; complete -C 'oneping tunnel info o'"),
            "office\n");
  EXPECT_EQ(run("fish --no-config", "oneping completion fish | source; complete -C 'oneping tunn'"),
            "tunnel\tTunnels: named ways into private networks\n");
  EXPECT_EQ(run("fish --no-config",
                "oneping completion fish | source; complete -C 'oneping tunnel info '"),
            "berlin\noffice\n");
}

TEST_F(ShellCompletionTest, Zsh) {
  if (!is_installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  // Outside of its line editor zsh cannot complete: the function runs with what it would find
  // there.
  const std::string begin =
      "compdef() { :; }; _files() { print files }\n"
      "_describe() { print -rl -- ${(P)@[-1]} }\n"
      "source <(oneping completion zsh)\n";
  EXPECT_EQ(run("zsh -f", begin + "words=(oneping tunnel info ''); CURRENT=4; _oneping"),
            "berlin\noffice\n");
  EXPECT_EQ(run("zsh -f", begin + "words=(oneping tunn); CURRENT=2; _oneping"),
            "tunnel:Tunnels: named ways into private networks\n");
  EXPECT_EQ(run("zsh -f", begin + "words=(oneping route delete fd00:1); CURRENT=4; _oneping"),
            "fd00\\:1\\:\\:/32\n");
  EXPECT_EQ(run("zsh -f", begin + "words=(oneping policy test ''); CURRENT=4; _oneping"),
            "files\n");
}

}  // namespace
}  // namespace oneping::admin
