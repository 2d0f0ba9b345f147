#include "device/renewal.h"

#include "device/testing/session_world.h"

namespace oneping::device {
namespace {

using namespace testing;

class RenewalTest : public SessionWorld {
 protected:
  RenewalTest() {
    renewal.emplace(RenewalOptions{.key_pem = device_key().key_pem,
                                   .name = "laptop",
                                   .key_pin = *quic::csr_key_pin(device_key().request_pem),
                                   .authority_pin = *quic::key_pin(authority().ca_pem),
                                   .wall_clock = [this] { return wall(); }},
                    ours(), *session,
                    [this](const CertificateChain& chain, Time) { renewed.push_back(chain); });
    renewal->start(network.now);
  }
  std::optional<Renewal> renewal;
  std::vector<CertificateChain> renewed;
};

TEST_F(RenewalTest, ComesWhenAThirdOfTheCertificatesLifeIsLeft) {
  establish();
  EXPECT_EQ(renewal->due(), ours().not_after - std::chrono::seconds(30 * 24h + 1h) / 3);
  clock_error = 20 * 24h - 2h;
  renewal->on_time(network.now);
  run(1s);
  EXPECT_TRUE(edge.requests.empty());
  clock_error = 20 * 24h;
  renewal->look_soon(network.now);
  renewal->on_time(network.now);
  run(1s);
  ASSERT_EQ(renewed.size(), 1u);
  EXPECT_EQ(edge.requests.size(), 1u);
  EXPECT_EQ(edge.requests[0].method, "POST");
  EXPECT_EQ(edge.requests[0].authority, "edge.example:7844");
  EXPECT_EQ(*quic::key_pin(renewed[0].leaf), *quic::csr_key_pin(device_key().request_pem))
      << "for the same key";
  EXPECT_EQ(renewed[0].authority, authority().ca_pem);
  EXPECT_EQ(renewal->validity(), renewed[0].validity);
  // And then not again for a while.
  renewal->look_soon(network.now);
  renewal->on_time(network.now);
  run(1s);
  EXPECT_EQ(edge.requests.size(), 1u);
}

TEST_F(RenewalTest, IsTriedAgainEveryHour) {
  edge.refuses_requests = "not today";
  establish();
  clock_error = 25 * 24h;
  for (const Time until = network.now + 6h; network.now < until; run(30s, 500ms)) {
    renewal->on_time(network.now);
  }
  EXPECT_EQ(edge.requests.size(), 6u);
  EXPECT_TRUE(renewed.empty());
  edge.refuses_requests.clear();
  for (const Time until = network.now + 1h; network.now < until; run(30s, 500ms)) {
    renewal->on_time(network.now);
  }
  EXPECT_EQ(renewed.size(), 1u);
}

TEST_F(RenewalTest, WaitsForASession) {
  clock_error = 25 * 24h;
  renewal->on_time(network.now);
  EXPECT_LE(renewal->next_deadline() - network.now, 1min);
  establish();
  network.run(1min);
  renewal->on_time(network.now);
  run(1s);
  EXPECT_EQ(renewed.size(), 1u);
}

// The edge's answer is for another key, of another authority, or no newer.
TEST_F(RenewalTest, BadCertificatesAreNotTaken) {
  establish();
  clock_error = 25 * 24h;
  edge.lifetime = 1h;  // ends before the one that there is
  renewal->on_time(network.now);
  run(1s);
  EXPECT_EQ(edge.requests.size(), 1u);
  EXPECT_TRUE(renewed.empty());
}

TEST(CertificateChain, IsForOurKeyAndOfOurAuthority) {
  const quic::Validity validity{real_now(), real_now() + 24h};
  const auto key = *quic::csr_key_pin(device_key().request_pem);
  const auto pin = *quic::key_pin(authority().ca_pem);
  const std::string good = sign(device_key().request_pem, validity);
  const auto chain = read_chain(good, key, pin);
  ASSERT_TRUE(chain) << chain.error().message;
  EXPECT_EQ(chain->leaf + chain->authority, good);
  EXPECT_EQ(chain->validity, validity);

  const auto other_key = *quic::make_key_and_csr("x");
  struct Case {
    const char* name;
    std::string pem;
    const char* error;
  };
  const Case cases[] = {
      {"nothing", "", "no certificate with its authority"},
      {"no authority", chain->leaf, "no certificate with its authority"},
      {"cut short", good.substr(0, good.size() - 40), "no certificate with its authority"},
      {"another key", sign(other_key.request_pem, validity), "for another key"},
      {"another authority", sign(device_key().request_pem, validity, other_authority()),
       "another authority"},
      {"garbage",
       "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + authority().ca_pem, ""},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const auto read = read_chain(each.pem, key, pin);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find(each.error), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace oneping::device
