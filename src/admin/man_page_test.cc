#include "admin/man_page.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "admin/command_tree.h"
#include "admin/testing/command_line.h"
#include "admin/testing/program.h"
#include "admin/testing/scratch_folder.h"

namespace oneping::admin {
namespace {

class ManPageTest : public testing::Test {
 protected:
  ManPageTest() { add_all_commands(app, action); }

  CLI::App app{"Carries ping and traceroute into a private network.", "oneping"};
  Action action;
};

std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  char block[4096];
  for (std::size_t n = 0; (n = std::fread(block, 1, sizeof block, pipe)) > 0;) {
    text.append(block, n);
  }
  ::pclose(pipe);
  return text;
}

TEST_F(ManPageTest, IsCleanRoffThatReadsAsTheHelpDoes) {
  if (output_of("command -v groff").empty()) GTEST_SKIP() << "groff is not installed";
  const ScratchFolder folder;
  const std::string file = folder.put("oneping.1", man_page(app, "0.1.0"));
  EXPECT_EQ(output_of("groff -man -ww -z " + file + " 2>&1"), "");

  const std::string text = output_of("groff -man -Tascii -P-cbou -rLL=200n " + file);
  for (const char* shown :
       {"oneping 0.1.0", "oneping tunnel create NAME", "oneping group add GROUP USER ...",
        "oneping key create [NAME]", "oneping tunnel create office --comment 'Head office'",
        "-o, --output table|json", "ONEPING_API_TOKEN_FILE", "--until TIME"}) {
    EXPECT_NE(text.find(shown), std::string::npos) << shown << " is missing in\n" << text;
  }
  EXPECT_EQ(text.find("__complete"), std::string::npos);
}

TEST_F(ManPageTest, TellsWhatMostCommandsShareOnce) {
  const std::string page = man_page(app, "0.1.0");
  const std::size_t first = page.find("\\-\\-api\\-token\\-file");
  EXPECT_NE(first, std::string::npos);
  EXPECT_GT(first, page.find(".SH \"COMMON OPTIONS\""));
}

// As the reader of the example would type it.
void expect_to_parse(const std::string& example) {
  CLI::App app("", "oneping");
  Action action;
  add_all_commands(app, action);
  auto words = words_of_line(example);
  ASSERT_EQ(words.front(), "oneping");
  std::vector<std::string> last_first(words.rbegin(), words.rend() - 1);
  EXPECT_NO_THROW(app.parse(last_first)) << example;
}

void expect_help(const CLI::App& command) {
  EXPECT_FALSE(command.get_description().empty()) << command.get_name();
  for (const auto* option : command.get_options()) {
    EXPECT_FALSE(option->get_description().empty()) << command.get_name() << option->get_name();
  }
  const auto commands = commands_of(command);
  for (const auto* below : commands) expect_help(*below);
  if (!commands.empty()) return;
  const std::string footer = command.get_footer();
  const std::string begin = "Example:\n  ";
  ASSERT_TRUE(footer.starts_with(begin)) << command.get_name() << ": " << footer;
  const std::string example = footer.substr(begin.size());
  const bool is_for_the_shell = example.find_first_of("|<>") != example.npos;
  if (!is_for_the_shell) expect_to_parse(example);
}

TEST_F(ManPageTest, EveryCommandHasADescriptionAndAnExampleThatParses) { expect_help(app); }

}  // namespace
}  // namespace oneping::admin
