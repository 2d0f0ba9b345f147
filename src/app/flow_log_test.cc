#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/flow_log_writer.h"
#include "app/testing/folder.h"
#include "control/flow_record.h"
#include "control/testing/flow_verdict.h"

namespace oneping {
namespace {

using control::testing::verdict;

std::string contents(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// A writer into a file that can be opened.
std::unique_ptr<FlowLogWriter> writer_to(
    const std::string& path, std::uint64_t max_size,
    std::shared_ptr<control::FlowFeed> feed = std::make_shared<control::FlowFeed>()) {
  auto file = FlowLogFile::open(path, max_size);
  EXPECT_TRUE(file) << file.error().message;
  return std::make_unique<FlowLogWriter>(std::move(*file), std::move(feed));
}

TEST(FlowLogWriter, WritesWhatWaitsBeforeItEndsAndGoesOnWithTheFile) {
  const TestingFolder folder;
  const std::string path = folder / "flows";
  for (const std::size_t total : {3u, 6u}) {
    auto writer = writer_to(path, 1 << 20);
    for (int i = 0; i < 3; ++i) writer->on_verdict(verdict());
    writer.reset();
    EXPECT_EQ(lines(contents(path)), total);
  }
  const std::string text = contents(path);
  const auto line = nlohmann::json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(line["device"], "laptop");
  EXPECT_EQ(line["rule"], "no \"quotes\"");
}

TEST(FlowLogWriter, CountsWhatTheRingCannotTake) {
  const TestingFolder folder;
  auto writer = writer_to(folder / "flows", 1 << 30);
  constexpr std::uint64_t kMany = 5 * FlowLogWriter::kRing;
  for (std::uint64_t i = 0; i < kMany; ++i) writer->on_verdict(verdict());
  const std::uint64_t dropped = writer->dropped();
  writer.reset();
  EXPECT_EQ(lines(contents(folder / "flows")) + dropped, kMany);
}

// Whoever listens hears of each verdict, or that he did not, whether there is a file or not.
TEST(FlowLogWriter, TellsTheFeedEverythingOrHowMuchItLeavesOut) {
  const auto feed = std::make_shared<control::FlowFeed>();
  const auto reader = feed->subscribe({});
  constexpr std::uint64_t kMany = 3 * FlowLogWriter::kRing;
  {
    FlowLogWriter writer(std::nullopt, feed);
    for (std::uint64_t i = 0; i < kMany; ++i) writer.on_verdict(verdict());
  }
  std::uint64_t told = 0;
  std::uint64_t left_out = 0;
  for (;;) {
    const auto piece = reader->next({});
    ASSERT_TRUE(piece);
    if (*piece == control::EventReader::kKeepAlive) break;
    const std::string kLeftOut = "event: left-out\ndata: {\"count\": ";
    if (const auto at = piece->find(kLeftOut); at != piece->npos) {
      left_out += std::stoull(piece->substr(at + kLeftOut.size()));
    }
    for (auto at = piece->find("event: flow\n"); at != piece->npos;
         at = piece->find("event: flow\n", at + 1)) {
      ++told;
    }
  }
  EXPECT_EQ(told + left_out, kMany);
  EXPECT_GT(told, 0u);
  EXPECT_GT(left_out, 0u) << "more than are kept";
}

TEST(FlowLogWriter, PutsAFullFileAside) {
  const TestingFolder folder;
  const std::string path = folder / "flows";
  const std::size_t size = to_text(control::record_of(verdict(), {})).size() + 1;
  for (int i = 0; i < 4; ++i) writer_to(path, size * 5 / 2)->on_verdict(verdict());
  EXPECT_EQ(lines(contents(path)), 2u);
  EXPECT_EQ(lines(contents(path + ".1")), 2u);
}

TEST(FlowLogWriter, ADiskThatRefusesIsCountedAndNothingElse) {
  const auto writer = writer_to("/dev/full", 1 << 20);
  for (int i = 0; i < 3; ++i) writer->on_verdict(verdict());
  for (int i = 0; i < 500 && writer->dropped() == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(writer->dropped(), 3u);
  EXPECT_EQ(writer->written(), 0u);
}

TEST(FlowLogFile, AFolderThatIsNotThereIsNamed) {
  const auto file = FlowLogFile::open("/nonexistent/flows", 1 << 20);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().message,
            "opening the flow log /nonexistent/flows: No such file or directory");
}

}  // namespace
}  // namespace oneping
