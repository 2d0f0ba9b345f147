#include "device/enrolment.h"

#include "device/testing/fake_edge.h"
#include "quic/peer_certificate.h"
#include "quic/server_certificate.h"
#include "quic/tls.h"

namespace oneping::device {
namespace {

using namespace testing;

class EnrolmentTest : public ::testing::Test, private Dialer {
 protected:
  static constexpr std::uint64_t kSeed = 20261201;

  EnrolmentTest() : network(kSeed) {
    RecordProperty("seed", std::to_string(kSeed));
    start_edge(authority());
    trust(*quic::key_pin(authority().ca_pem));
  }
  void start_edge(const quic::CertificateBundle& identity) {
    if (server) network.detach(*server);
    const auto tls = quic::TlsContext::server({.certificate_pem = identity.certificate_pem,
                                               .key_pem = identity.key_pem,
                                               .alpn = {masque::kDeviceAlpn},
                                               .client_ca_pem = identity.ca_pem});
    server = std::make_unique<quic::Endpoint>(quic::EndpointOptions{}, *tls, network.random, &edge);
    network.attach(edge_at[0], *server);
  }
  void trust(const quic::KeyPin& pin) {
    if (client) network.detach(*client);
    const auto tls = quic::TlsContext::client(
        {.server_name = masque::kEdgeServerName, .alpn = {masque::kDeviceAlpn}, .pins = {pin}});
    client =
        std::make_unique<quic::Endpoint>(quic::EndpointOptions{}, *tls, network.random, nullptr);
    network.attach(local, *client);
    key.authority_pin = pin;
  }
  Result<Enrolled> enrol(std::string name = "laptop", Duration limit = 20s) {
    Enrolment enrolment({.key = key,
                         .csr = device_key().request_pem,
                         .name = std::move(name),
                         .edge = "edge.example:7844",
                         .wall_clock = [] { return real_now(); }},
                        static_cast<Dialer&>(*this));
    enrolment.start(network.now);
    for (const Time until = network.now + limit; !enrolment.result() && network.now < until;) {
      network.run(1ms);
      if (enrolment.next_deadline() <= network.now) enrolment.on_time(network.now);
      network.flush();
    }
    network.run(100ms);
    if (!enrolment.result()) return fail("it does not end");
    return *enrolment.result();
  }

  tl::expected<quic::Connection*, Problem> dial(unsigned attempt, quic::ConnectionEvents& events,
                                                Time now) override {
    ++dials;
    if (dial_problem) return tl::make_unexpected(*dial_problem);
    auto made = client->connect({local, edge_at[attempt % edge_at.size()]}, events, now);
    if (!made) return tl::make_unexpected(Problem{Trouble::broken, made.error().message});
    return *made;
  }
  [[nodiscard]] std::optional<IpAddress> source_towards(const IpAddress&) const override {
    return local.address;
  }
  [[nodiscard]] std::vector<IpAddress> edge_addresses() const override { return {}; }

  std::vector<SocketAddress> edge_at{address("192.0.2.1:7844")};
  const SocketAddress local = address("198.51.100.2:40000");
  masque::EnrolmentKey key{.text = "opk_good"};
  std::optional<Problem> dial_problem;
  int dials = 0;
  quic::testing::VirtualNetwork network;
  FakeEdge edge;
  std::unique_ptr<quic::Endpoint> server;
  std::unique_ptr<quic::Endpoint> client;
};

TEST_F(EnrolmentTest, GivesTheDeviceItsCertificate) {
  const auto enrolled = enrol("alice-laptop");
  ASSERT_TRUE(enrolled) << enrolled.error().message;
  EXPECT_EQ(enrolled->device, "alice-laptop");
  EXPECT_EQ(enrolled->id, 1);
  EXPECT_EQ(enrolled->addresses, (std::vector{prefix("100.96.0.7"), prefix("fd00::7")}));
  EXPECT_EQ(*quic::key_pin(enrolled->certificate.leaf),
            *quic::csr_key_pin(device_key().request_pem));
  EXPECT_EQ(enrolled->certificate.authority, authority().ca_pem);
  EXPECT_GT(enrolled->certificate.validity.not_after, real_now());

  ASSERT_EQ(edge.requests.size(), 1u);
  EXPECT_EQ(edge.requests[0].method, "POST");
  EXPECT_EQ(edge.requests[0].body.find("PRIVATE"), std::string::npos);
  ASSERT_EQ(edge.last().closed.size(), 1u) << "and says goodbye";
}

TEST_F(EnrolmentTest, WhatTheEdgeSaysIsSaid) {
  key.text = "opk_used";
  EXPECT_EQ(enrol().error().message, "the edge refused the enrolment (status 403): unknown key");
}

// Nobody gets the key who cannot prove that it is his.
TEST_F(EnrolmentTest, AnotherEdgeDoesNotGetTheKey) {
  start_edge(other_authority());
  const auto enrolled = enrol();
  ASSERT_FALSE(enrolled);
  EXPECT_EQ(enrolled.error().message,
            "this is not the edge that the enrolment key is for: no certificate of the peer has a "
            "key that we have pinned");
  EXPECT_TRUE(edge.requests.empty());
  EXPECT_EQ(dials, 1);
}

TEST_F(EnrolmentTest, EveryAddressIsTried) {
  edge_at.insert(edge_at.begin(), address("192.0.2.77:7844"));  // nobody is there
  const auto enrolled = enrol();
  ASSERT_TRUE(enrolled) << enrolled.error().message;
  EXPECT_EQ(dials, 2);
}

TEST_F(EnrolmentTest, SilenceEndsIt) {
  network.block(edge_at[0]);
  const Time began = network.now;
  EXPECT_EQ(enrol().error().message, "the edge does not answer (is it up, does UDP get through?)");
  EXPECT_LE(network.now - began, 16s);
}

TEST_F(EnrolmentTest, AnswerThatDoesNotComeEndsIt) {
  edge.answers = false;
  EXPECT_EQ(enrol().error().message, "the edge does not answer the enrolment");
}

TEST_F(EnrolmentTest, ABusyEdgeIsAskedAgain) {
  edge.busy_answers = 3;
  const auto enrolled = enrol();
  ASSERT_TRUE(enrolled) << enrolled.error().message;
  EXPECT_EQ(edge.requests.size(), 4u);
  EXPECT_EQ(dials, 1);
  edge.busy_answers = 1000;
  EXPECT_EQ(enrol().error().message, "the edge refused the enrolment (status 429): try again soon");
}

TEST_F(EnrolmentTest, NameThatIsNotFoundIsSaid) {
  dial_problem = Problem{Trouble::name_not_found, "looking up edge.example: no such name"};
  EXPECT_EQ(enrol().error().message, "looking up edge.example: no such name");
}

}  // namespace
}  // namespace oneping::device
