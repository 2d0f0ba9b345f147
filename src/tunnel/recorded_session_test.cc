// Both ends against the bytes of a real cloudflared and its edge (testing/recorded_rpc.h), whole,
// cut and spoiled.
#include <capnp/rpc.capnp.h>
#include <capnp/serialize.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>

#include "tunnel.capnp.h"
#include "tunnel/stream_signature.h"
#include "tunnel/testing/recorded_rpc.h"
#include "tunnel/testing/recorder.h"

namespace oneping::tunnel {
namespace {

using testing::ByteString;
using testing::ConnectorRecorder;
using testing::EdgeRecorder;
using testing::FakeConnection;
using testing::from_hex;
using testing::Side;
using testing::some_registration;

// An RPC message in words, so that two runtimes' encodings of the same message compare equal.
// `Results` are those of the calls that a Return answers.
template <typename Results>
std::string describe(capnp::rpc::Message::Reader message) {
  if (!message.isReturn() || !message.getReturn().isResults()) return kj::str(message).cStr();
  const auto answer = message.getReturn();
  const auto payload = answer.getResults();
  const auto number = answer.getAnswerId();
  if (payload.getContent().isCapability()) {
    return kj::str("return ", number, ": capability ", payload.getCapTable()[0]).cStr();
  }
  return kj::str("return ", number, ": ", payload.getContent().getAs<Results>()).cStr();
}

template <typename Results>
std::vector<std::string> messages(Bytes bytes) {
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  std::copy(bytes.begin(), bytes.end(), words.asBytes().begin());
  std::vector<std::string> descriptions;
  for (kj::ArrayPtr<const capnp::word> rest = words; rest.size() > 0;) {
    capnp::FlatArrayMessageReader reader(rest);
    descriptions.push_back(describe<Results>(reader.getRoot<capnp::rpc::Message>()));
    rest = kj::arrayPtr(reader.getEnd(), rest.end());
  }
  return descriptions;
}

struct Edge {
  Edge() {
    owner.answer =
        RegistrationAccepted{.connection_id = {0x11, 0x6c, 0xba, 0x24, 0xbd, 0x1c, 0x4b, 0x11, 0x83,
                                               0xde, 0x6b, 0xe9, 0xed, 0x7e, 0x27, 0x70},
                             .location = "LOC01",
                             .remotely_managed = true};
  }
  void receive(quic::StreamId stream, Bytes bytes, bool fin = false) {
    if (quic.ended()) return;
    connection.on_stream_data(stream, bytes, fin, Time{});
    connection.run(Time{});
  }
  void register_it() { receive(0, from_hex(testing::kRegisterFromConnector)); }

  FakeConnection quic{Side::server};
  PacketPool pool;
  EdgeRecorder owner;
  EdgeConnection connection{quic, pool, owner};
};

struct Connector {
  Connector() {
    connection.start(quic);
    connection.on_ready(Time{});
    connection.run(Time{});
  }
  void receive(quic::StreamId stream, Bytes bytes, bool fin = false) {
    if (quic.ended()) return;
    connection.on_stream_data(stream, bytes, fin, Time{});
    connection.run(Time{});
  }

  FakeConnection quic{Side::client};
  PacketPool pool;
  ConnectorRecorder owner;
  ConnectorConnection connection{some_registration(), pool, owner};
};

TEST(RecordedSession, EdgeReadsTheRegistrationOfCloudflared) {
  Edge edge;
  edge.register_it();
  ASSERT_EQ(edge.owner.registrations.size(), 1u);
  const auto& registration = edge.owner.registrations[0];
  EXPECT_EQ(registration.account_tag, "acct0123");
  EXPECT_EQ(registration.tunnel_secret, ByteString(32, 0));
  EXPECT_EQ(to_string(registration.tunnel_id), "6ff42ae2-765d-4adf-8112-31c55c1551ef");
  EXPECT_EQ(to_string(registration.connector_id), "ded83795-0c22-4cdf-8838-a32ac01ea7ba");
  EXPECT_EQ(registration.connection_index, 0);
  const std::vector<std::string> features = {"allow_remote_config", "serialized_headers",
                                             "support_datagram_v2", "support_quic_eof",
                                             "management_logs"};
  EXPECT_EQ(registration.features, features);
  EXPECT_EQ(registration.version, "2023.7.3");
  EXPECT_EQ(registration.arch, "linux_amd64");
  EXPECT_FALSE(registration.replace_existing);
  EXPECT_EQ(registration.previous_attempts, 0);
}

TEST(RecordedSession, EdgeAnswersAsTheRecordedEdgeDid) {
  Edge edge;
  edge.register_it();
  edge.receive(0, from_hex(testing::kUnregisterFromConnector));
  EXPECT_EQ(edge.owner.unregistered, 1);
  using Registered = schema::RegistrationServer::RegisterConnectionResults;
  EXPECT_EQ(messages<Registered>(edge.quic.streams[0].written),
            messages<Registered>(from_hex(testing::kControlFromEdge)));
}

TEST(RecordedSession, EdgeReadsItInSingleBytes) {
  Edge edge;
  for (const auto part : {testing::kRegisterFromConnector, testing::kUnregisterFromConnector}) {
    for (const auto byte : from_hex(part)) edge.receive(0, {&byte, 1});
  }
  EXPECT_EQ(edge.owner.registrations.size(), 1u);
  EXPECT_EQ(edge.owner.unregistered, 1);
}

constexpr Uuid kRecordedSession = {0x20, 0x55, 0xfc, 0xca, 0xa4, 0xbe, 0x45, 0x84,
                                   0xa0, 0x22, 0xc7, 0x8e, 0x36, 0x2f, 0xd9, 0xa0};

TEST(RecordedSession, EdgeLetsCloudflaredEndAUdpSession) {
  Edge edge;
  edge.register_it();
  edge.receive(4, kRpcSignature);
  edge.receive(4, from_hex(testing::kUdpEndFromConnector), true);
  // The recorded session shows the Returns; what follows is our Abort to the Abort that came last.
  using Ended = schema::SessionManager::UnregisterUdpSessionResults;
  auto answers = messages<Ended>(edge.quic.streams[4].written);
  answers.resize(2);
  EXPECT_EQ(answers, messages<Ended>(from_hex(testing::kUdpEndFromEdge)));
  EXPECT_TRUE(edge.quic.streams[4].finished);
  EXPECT_TRUE(edge.owner.closed.empty());
  EXPECT_EQ(edge.owner.udp_ends, std::vector{kRecordedSession});
}

TEST(RecordedSession, ConnectorTakesTheConfigurationOfTheRecordedEdge) {
  Connector connector;
  connector.receive(1, from_hex(testing::kConfigureFromEdge));
  connector.receive(1, from_hex(testing::kConfigureEndFromEdge), true);
  ASSERT_EQ(connector.owner.configurations.size(), 1u);
  EXPECT_EQ(connector.owner.configurations[0].first, 1);
  EXPECT_EQ(connector.owner.configurations[0].second,
            R"({"ingress":[{"service":"http_status:404"}],"warp-routing":{"enabled":true}})");
  EXPECT_TRUE(connector.quic.streams[1].finished);
  EXPECT_TRUE(connector.owner.closed.empty());
}

TEST(RecordedSession, ConnectorAnswersTheConfigurationAsCloudflaredDid) {
  Connector connector;
  connector.receive(1, from_hex(testing::kConfigureFromEdge));
  using Applied = schema::ConfigurationManager::UpdateConfigurationResults;
  EXPECT_EQ(messages<Applied>(connector.quic.streams[1].written),
            messages<Applied>(from_hex(testing::kConfigureFromConnector)));
}

TEST(RecordedSession, ConnectorTakesAUdpSession) {
  Connector connector;
  connector.receive(1, from_hex(testing::kUdpFromEdge));
  ASSERT_EQ(connector.owner.udp_registrations.size(), 1u);
  const UdpRegistration& registration = connector.owner.udp_registrations[0];
  EXPECT_EQ(registration.id, kRecordedSession);
  EXPECT_EQ(registration.destination, SocketAddress::parse("127.0.0.1:5353"));
  EXPECT_EQ(registration.idle, std::chrono::seconds(3));
  EXPECT_TRUE(connector.owner.closed.empty());
}

TEST(RecordedSession, ConnectorSaysWhyNoUdpSession) {
  Connector connector;
  connector.owner.udp_answer = {UdpResult::error, "not there"};
  connector.receive(1, from_hex(testing::kUdpFromEdge));
  const auto& written = connector.quic.streams[1].written;
  const std::string text(written.begin(), written.end());
  EXPECT_NE(text.find("not there"), std::string::npos);
}

TEST(RecordedSession, EveryPrefixOfTheControlStreamIsSafe) {
  const auto registering = from_hex(testing::kRegisterFromConnector);
  for (std::size_t length = 0; length < registering.size(); ++length) {
    Edge edge;
    edge.receive(0, Bytes(registering).first(length), true);
    EXPECT_TRUE(edge.owner.registrations.empty()) << length;
    EXPECT_EQ(edge.owner.closed.size(), 1u) << length;
  }
  const auto unregistering = from_hex(testing::kUnregisterFromConnector);
  for (std::size_t length = 0; length <= unregistering.size(); ++length) {
    Edge edge;
    edge.register_it();
    edge.receive(0, Bytes(unregistering).first(length));
    EXPECT_EQ(edge.owner.unregistered, length == unregistering.size() ? 1 : 0) << length;
    edge.receive(0, {}, true);
    EXPECT_TRUE(edge.connection.is_draining() || edge.owner.closed.size() == 1) << length;
  }
}

// Spoils bytes of what one end receives while a second connection of the same thread lives: at most
// the first may close.
constexpr int kRounds = 500;

template <typename End>
void spoil(const ByteString& recorded, quic::StreamId stream, unsigned seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Edge bystander;
  bystander.register_it();
  ASSERT_TRUE(bystander.connection.registration());

  int closed = 0;
  for (int round = 0; round < kRounds; ++round) {
    auto bytes = recorded;
    for (auto flips = 1 + random() % 4; flips > 0; --flips) {
      bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
    }
    End end;
    const std::size_t cut = random() % bytes.size();
    end.receive(stream, Bytes(bytes).first(cut));
    end.receive(stream, Bytes(bytes).subspan(cut));
    closed += end.quic.ended() ? 1 : 0;
    EXPECT_EQ(end.quic.ended(), !end.owner.closed.empty()) << "its owner knows";
  }
  ::testing::Test::RecordProperty("closed_with_seed_" + std::to_string(seed), closed);
  bystander.receive(0, from_hex(testing::kUnregisterFromConnector));
  EXPECT_EQ(bystander.owner.unregistered, 1);
  EXPECT_TRUE(bystander.owner.closed.empty());
}

TEST(RecordedSession, FlippedBitsHarmOnlyTheirConnection) {
  const auto level = spdlog::get_level();
  spdlog::set_level(spdlog::level::off);  // thousands of lines, one for each connection
  for (unsigned seed = 1; seed <= 3; ++seed) {
    spoil<Edge>(from_hex(testing::kRegisterFromConnector), 0, seed);
    spoil<Connector>(from_hex(testing::kControlFromEdge), 0, seed);
    spoil<Connector>(from_hex(testing::kConfigureFromEdge), 1, seed);
  }
  spdlog::set_level(level);
}

}  // namespace
}  // namespace oneping::tunnel
