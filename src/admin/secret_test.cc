// Commands that make secrets: what reaches whom, and that none is lost.

#include <gtest/gtest.h>

#include "admin/testing/command_line.h"
#include "admin/testing/fake_edge.h"

namespace oneping::admin {
namespace {

class SecretTest : public testing::Test {
 protected:
  Outcome run(const std::string& line) {
    auto words = words_of_line(line);
    words.push_back("--api=" + edge.socket());
    return run_words(words);
  }
  [[nodiscard]] std::string out() const { return edge.folder() / "out"; }

  FakeEdge edge;
};

using Requests = std::vector<std::string>;

TEST_F(SecretTest, AloneOnStandardOutput) {
  edge.answer("POST /tunnels/office/token", R"({"token":"eyJh"})");
  const auto outcome = run("tunnel token office");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "eyJh\n");
  EXPECT_EQ(outcome.err,
            "The token of tunnel office is shown this once. Keep it secret.\n"
            "Then, inside the private network: oneping connector run --token-file FILE --edge "
            "HOST:7844\n");
  EXPECT_EQ(edge.take_requests(), Requests{"POST /tunnels/office/token {}"});
}

TEST_F(SecretTest, IntoAFile) {
  edge.answer("POST /tunnels/office/rotate", R"({"token":"eyJh"})");
  const auto outcome = run("tunnel rotate office --grace 1h --out " + out());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "The new token of tunnel office is in " + out() + ". Keep it secret.\n");
  EXPECT_EQ(edge.folder().text_of("out"), "eyJh\n");
  EXPECT_EQ(edge.folder().mode_of("out"), 0600u);
  EXPECT_EQ(edge.take_requests(), Requests{R"(POST /tunnels/office/rotate {"grace_ms":3600000})"});
}

TEST_F(SecretTest, AsJson) {
  const std::string answer = R"({"id":3,"name":"laptops","key":"opk_x","tags":["a"]})";
  edge.answer("POST /keys", answer);
  const std::string line = "key create laptops --reusable --user alice --tag a -o json";
  EXPECT_EQ(run(line).out, answer + "\n");
  const auto with_file = run(line + " --out " + out());
  EXPECT_EQ(with_file.out, "{\"id\":3,\"name\":\"laptops\",\"tags\":[\"a\"]}\n");
  EXPECT_EQ(edge.folder().text_of("out"), "opk_x\n");
  const std::string request =
      R"(POST /keys {"name":"laptops","reusable":true,"user":"alice","tags":["a"]})";
  EXPECT_EQ(edge.take_requests(), (Requests{request, request}));
}

TEST_F(SecretTest, AnApiToken) {
  edge.answer("POST /api-tokens", R"({"name":"ci","token":"opa_x"})");
  const auto outcome = run("api-token create ci --role read --expires 2027-01-01T00:00:00Z");
  EXPECT_EQ(outcome.out, "opa_x\n");
  EXPECT_EQ(outcome.err, "API token ci is shown this once. Keep it secret.\n");
  EXPECT_EQ(edge.take_requests(), Requests{R"(POST /api-tokens {"name":"ci","role":"read",)"
                                           R"("expires":"2027-01-01T00:00:00.000Z"})"});
}

TEST_F(SecretTest, NothingIsAskedIfTheFileCannotBe) {
  edge.answer("POST /tunnels/office/token", R"({"token":"eyJh"})");
  edge.folder().put("out", "old");
  const auto taken = run("tunnel token office --out " + out());
  EXPECT_EQ(taken.code, 1);
  EXPECT_EQ(taken.err, "oneping: " + out() +
                           " is there already, and stays: remove it, or name another file\n");
  EXPECT_EQ(run("tunnel token office --out /nowhere/out").code, 1);
  EXPECT_EQ(edge.take_requests(), Requests{});
  EXPECT_EQ(edge.folder().text_of("out"), "old");

  EXPECT_EQ(run("tunnel token office --force --out " + out()).code, 0);
  EXPECT_EQ(edge.folder().text_of("out"), "eyJh\n");
}

TEST_F(SecretTest, NoFileStaysIfTheApiRefuses) {
  edge.answer("POST /tunnels/office/token",
              {409, R"({"detail":"tunnel office has a token already: rotate it"})"});
  const auto outcome = run("tunnel token office --out " + out());
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err, "oneping: tunnel office has a token already: rotate it\n");
  EXPECT_FALSE(std::filesystem::exists(out()));
}

TEST_F(SecretTest, AnAnswerWithoutTheSecretIsAnError) {
  edge.answer("POST /tunnels/office/token", R"({"tokens":1})");
  EXPECT_EQ(run("tunnel token office --out " + out()).code, 1);
  EXPECT_FALSE(std::filesystem::exists(out()));
}

}  // namespace
}  // namespace oneping::admin
