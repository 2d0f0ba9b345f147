// A secret is in the answer to the request that made it, and nowhere else: not in another answer,
// not in the audit log, not in an event.
#include <gtest/gtest.h>

#include "control/endpoint.h"
#include "control/testing/checked_api.h"
#include "quic/crypto.h"
#include "tunnel/token.h"

namespace oneping::control {
namespace {

using testing::FurnishedWorld;

TEST(Secrecy, SecretsAreAnsweredOnce) {
  FurnishedWorld world;
  const auto listener = world.control->events().subscribe(0);
  std::vector<std::string> secrets;
  const auto made = [&](const char* path, const Json& body, const char* field) {
    const Json answer = world.json("POST", path, body);
    ASSERT_TRUE(answer.contains(field)) << answer;
    secrets.push_back(answer[field]);
  };
  made("/tunnels/home/token", nullptr, "token");
  made("/tunnels/home/rotate", {{"grace_ms", 1000}}, "token");
  made("/keys", {{"name", "secret-key"}}, "key");
  made("/api-tokens", {{"name", "secret-token"}}, "token");
  const auto token = tunnel::parse_token(secrets[0]);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->account, "oneping");
  EXPECT_EQ(token->secret.size(), 32u);
  EXPECT_EQ(token->edge_pin, world.control->facts().ca_pin);
  (void)world.ask("PATCH", "/keys/secret-key", {{"expires", "2030-01-01T00:00:00Z"}});
  (void)world.ask("PATCH", "/tunnels/home", {{"comment", "c"}});

  std::string everything;
  for (const Endpoint& endpoint : all_endpoints().list()) {
    if (std::string(endpoint.method) == "GET" && endpoint.path.find('{') == std::string::npos &&
        endpoint.path != "/events" && endpoint.path != "/routes/lookup") {
      everything += world.ask("GET", endpoint.path).body;
    }
  }
  for (const char* path : {"/tunnels/home", "/keys/secret-key", "/api-tokens/secret-token"}) {
    everything += world.ask("GET", path).body;
  }
  for (const auto& entry : world.store.entries) everything += entry.detail + entry.object;
  for (int i = 0; i < 4; ++i) everything += listener->next({}).value_or("");
  EXPECT_NE(everything.find("tunnel.rotate"), std::string::npos);
  EXPECT_NE(everything.find("secret-token"), std::string::npos);
  for (const std::string& secret : secrets) {
    EXPECT_EQ(everything.find(secret), std::string::npos);
    EXPECT_EQ(everything.find(secret.substr(secret.size() / 2)), std::string::npos);
  }
}

// It is kept, and nobody could ask for it again.
TEST(Secrecy, ATokenIsToldThoughTheEdgeIsLate) {
  FurnishedWorld world;
  world.edge.is_busy = true;
  const Json answer = world.json("POST", "/tunnels/home/token");
  ASSERT_TRUE(answer.contains("token")) << answer;
  const auto token = tunnel::parse_token(answer["token"].get<std::string>());
  EXPECT_EQ(world.control->snapshot().routing->tunnels[1]->secrets,
            std::vector<SecretHash>{quic::sha256(token->secret)});
}

TEST(Secrecy, RotatingKeepsTheOldTokenForItsGrace) {
  FurnishedWorld world;
  const auto hash = [](const Json& answer) {
    return quic::sha256(tunnel::parse_token(answer["token"].get<std::string>())->secret);
  };
  const auto secrets = [&] { return world.control->snapshot().routing->tunnels[1]->secrets; };
  const auto first = hash(world.json("POST", "/tunnels/home/token"));
  EXPECT_EQ(secrets(), std::vector<SecretHash>{first});
  const auto second = hash(world.json("POST", "/tunnels/home/rotate", {{"grace_ms", 1000}}));
  EXPECT_EQ(secrets(), (std::vector<SecretHash>{second, first}));
  const auto third = hash(world.json("POST", "/tunnels/home/rotate", {{"grace_ms", 1000}}));
  EXPECT_EQ(secrets(), (std::vector<SecretHash>{third, second})) << "the first is good no more";
  const auto fourth = hash(world.json("POST", "/tunnels/home/rotate"));
  EXPECT_EQ(secrets(), std::vector<SecretHash>{fourth});
}

}  // namespace
}  // namespace oneping::control
