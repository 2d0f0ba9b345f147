#include "probe/mtr_screen.h"

#include <gtest/gtest.h>

#include "probe/mtr.h"
#include "probe/testing/simulated_path.h"

namespace oneping::probe {
namespace {

using namespace std::chrono_literals;
using test::address;

constexpr const char* kClock = "2026-11-22T00:15:46+0000";

// The text of a screen as a person sees it: no escape sequences, no spaces at the ends of lines.
std::vector<std::string> lines_of(const std::string& screen) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < screen.size(); ++i) {
    if (screen[i] == '\x1b') {
      while (!std::isalpha(static_cast<unsigned char>(screen[i]))) ++i;
    } else if (screen[i] == '\n') {
      lines.emplace_back();
    } else if (screen[i] != '\r') {
      lines.back() += screen[i];
    }
  }
  for (auto& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

class MtrScreenTest : public testing::Test {
 protected:
  MtrScreenTest() {
    simulation.names.names = {{"10.99.1.2", "edge.example"}};
    simulation.run(mtr, simulation.now + 2s);
  }
  std::vector<std::string> lines(ScreenSize size = {}) {
    return lines_of(mtr.screen(size, kClock));
  }
  void press(char key) { mtr.on_key(key, simulation.now); }

  Simulation simulation{{{.addresses = {"10.99.1.2"}},
                         {.addresses = {"10.99.2.2"}, .silent = true},
                         {.addresses = {"10.99.3.2"}, .round_trips = {20ms, 30ms}}}};
  Mtr mtr{{.host = "db.example",
           .local_host = "device",
           .source = address("10.99.1.1"),
           .destination = address("10.99.3.2")},
          simulation.host()};
};

TEST_F(MtrScreenTest, ShowsTheHopsAndTheirStatistics) {
  const std::vector<std::string> expected = {
      "                                  oneping mtr",
      "device (10.99.1.1) -> db.example (10.99.3.2)           2026-11-22T00:15:46+0000",
      "Keys:  Help   Display mode   Restart statistics   Jitter   quit",
      "                                       Packets               Pings",
      " Host                                Loss%   Snt   Last   Avg  Best  Wrst StDev",
      " 1. edge.example                      0.0%     3    1.0   1.0   1.0   1.0   0.0",
      " 2. (waiting for reply)",
      " 3. 10.99.3.2                         0.0%     2   30.0  30.0  30.0  30.0   0.0"};
  EXPECT_EQ(lines(), expected);
}

TEST_F(MtrScreenTest, ShowsThePartsOfTheWayWhenAsked) {
  MtrOptions options{.host = "db.example",
                     .source = address("10.99.1.1"),
                     .destination = address("10.99.3.2"),
                     .legs = true};
  Mtr asked(options, simulation.host());
  asked.on_legs({.device_to_edge = 4ms, .edge_to_connector = 6ms});
  simulation.run(asked, simulation.now + 500ms);
  EXPECT_EQ(lines_of(asked.screen({}, kClock)).back(),
            " legs device-edge/edge-connector/connector-host = 4.000/6.000/20.000 ms");
}

TEST_F(MtrScreenTest, FitsAnyTerminal) {
  for (const std::size_t columns : {1, 10, 27, 28, 29, 40, 79, 200, 500}) {
    for (const std::size_t rows : {1, 2, 5, 6, 24}) {
      for (int mode = 0; mode < 3; ++mode) {
        const auto shown = lines({columns, rows});
        EXPECT_LE(shown.size(), rows);
        for (const auto& line : shown) EXPECT_LE(line.size(), columns);
        press('d');
      }
    }
  }
}

TEST_F(MtrScreenTest, DrawsOverWhatWasThere) {
  const std::string screen = mtr.screen({}, kClock);
  EXPECT_TRUE(screen.starts_with("\x1b[H"));
  EXPECT_TRUE(screen.ends_with("\x1b[K\x1b[J"));
  EXPECT_NE(screen.find("\x1b[1m 2. (waiting for reply)\x1b[m"), std::string::npos);
}

TEST_F(MtrScreenTest, NamesCanBeTurnedOffAndOnAgain) {
  press('n');
  EXPECT_TRUE(lines()[5].starts_with(" 1. 10.99.1.2 "));
  press('n');
  EXPECT_TRUE(lines()[5].starts_with(" 1. edge.example "));
  press('b');
  EXPECT_TRUE(lines()[5].starts_with(" 1. edge.example (10.99.1.2) "));
}

TEST_F(MtrScreenTest, TheGraphHasAMarkForEachProbe) {
  press('d');
  auto shown = lines({50, 24});
  EXPECT_EQ(shown[4], "                             Last  20 pings");
  EXPECT_EQ(shown[5].substr(0, 29), " 1. edge.example             ");
  EXPECT_TRUE(shown[5].ends_with(" ...")) << shown[5];
  EXPECT_TRUE(shown[7].find_first_of(">") != std::string::npos) << shown[7];
  press('d');
  shown = lines({78, 24});
  EXPECT_TRUE(shown[5].ends_with(" ...")) << shown[5];
  EXPECT_EQ(shown[9], "Scale:  .:1 ms  1:2 ms  2:5 ms  3:8 ms  a:12 ms  b:17 ms  c:23 ms  >");
  press('d');
  EXPECT_EQ(lines()[4].substr(0, 5), " Host");
}

TEST_F(MtrScreenTest, ResetForgetsAndIgnoresAnswersToOlderProbes) {
  press('r');
  EXPECT_EQ(mtr.path().hop(1).statistics.sent(), 0);
  EXPECT_EQ(lines().size(), 5u);
  simulation.go_on(mtr, simulation.now + 2s);
  const auto& hop = mtr.path().hop(3).statistics;
  EXPECT_GT(hop.received(), 0);
  EXPECT_LE(hop.received(), hop.sent());
}

TEST_F(MtrScreenTest, PausesAndGoesOn) {
  const auto before = simulation.path.sent_count();
  press('p');
  simulation.go_on(mtr, simulation.now + 10s);
  EXPECT_EQ(simulation.path.sent_count(), before);
  EXPECT_TRUE(lines()[2].ends_with("[paused]"));
  press(' ');
  simulation.go_on(mtr, simulation.now + 1s);
  EXPECT_GT(simulation.path.sent_count(), before);
}

TEST_F(MtrScreenTest, ShowsJitterInstead) {
  press('j');
  EXPECT_TRUE(lines()[4].ends_with(" Drop   Rcv    Avg Gmean Jttr Javg Jmax Jint")) << lines()[4];
}

TEST_F(MtrScreenTest, HelpGoesAwayWithAnyKey) {
  press('h');
  EXPECT_EQ(lines()[2], "Command:");
  press('r');
  EXPECT_EQ(lines()[2].substr(0, 5), "Keys:");
  EXPECT_GT(mtr.path().hop(1).statistics.sent(), 0) << "the key only left the help";
}

TEST_F(MtrScreenTest, ScrollsWithoutFallingOff) {
  press('+');
  press('+');
  EXPECT_EQ(lines().size(), 5u);
  press('-');
  press('-');
  press('-');
  EXPECT_EQ(lines().size(), 8u);
}

TEST_F(MtrScreenTest, QuitEndsItWithoutAReport) {
  press('q');
  EXPECT_TRUE(mtr.is_done());
  EXPECT_EQ(simulation.text.output, "");
}

TEST_F(MtrScreenTest, TellsWhenThereIsSomethingNew) {
  EXPECT_TRUE(mtr.take_change());
  EXPECT_FALSE(mtr.take_change());
  simulation.go_on(mtr, simulation.now + 1s);
  EXPECT_TRUE(mtr.take_change());
}

}  // namespace
}  // namespace oneping::probe
