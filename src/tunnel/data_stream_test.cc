// Data streams: their first messages, and what both ends do with them.
#include "tunnel/data_stream.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <gtest/gtest.h>

#include "tunnel/connect_calls.h"
#include "tunnel/stream_signature.h"
#include "tunnel/testing/recorder.h"
#include "tunnel_stream.capnp.h"

namespace oneping::tunnel {
namespace {

using testing::ByteString;
using testing::TunnelPair;

const SocketAddress kDestinations[] = {SocketAddress::parse("10.1.2.3:443").value(),
                                       SocketAddress::parse("[fd00:1::3]:22").value()};

ByteString behind_prefix(capnp::MessageBuilder& message) {
  ByteString bytes(kDataSignature.begin(), kDataSignature.end());
  bytes.insert(bytes.end(), kDataVersion.begin(), kDataVersion.end());
  const auto words = capnp::messageToFlatArray(message);
  bytes.insert(bytes.end(), words.asBytes().begin(), words.asBytes().end());
  return bytes;
}

// As cloudflared's edge asks for a connection, and a page.
ByteString foreign_request(schema::ConnectionType type, const char* destination) {
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<schema::ConnectRequest>();
  request.setDest(destination);
  request.setType(type);
  auto metadata = request.initMetadata(1);
  metadata[0].setKey("FlowID");
  metadata[0].setVal("0");
  return behind_prefix(message);
}

TEST(DataMessage, IsCompleteWithItsLastByte) {
  for (const SocketAddress& to : kDestinations) {
    const auto bytes = write_connect_check(to);
    DataMessage message;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto complete = message.add(Bytes(bytes).subspan(i, 1));
      ASSERT_TRUE(complete);
      EXPECT_EQ(*complete, i + 1 == bytes.size());
    }
    const auto request = message.read_request();
    ASSERT_TRUE(request);
    EXPECT_EQ(request->tcp, to);
    EXPECT_TRUE(request->is_check);
  }
}

TEST(DataMessage, BytesOfTheConnectionBehindItAreNoPartOfIt) {
  auto bytes = write_connect_response("no");
  bytes.insert(bytes.end(), 100, 0xff);
  DataMessage message;
  EXPECT_EQ(message.add(bytes).value(), true);
  EXPECT_EQ(message.read_response().value().error, "no");
}

TEST(DataMessage, OthersAskForMoreThanWeCarry) {
  DataMessage tcp;
  ASSERT_TRUE(tcp.add(foreign_request(schema::ConnectionType::TCP, "10.1.2.3:443")).value());
  EXPECT_FALSE(tcp.read_request().value().is_check);
  DataMessage http;
  ASSERT_TRUE(http.add(foreign_request(schema::ConnectionType::HTTP, "http://a/")).value());
  EXPECT_FALSE(http.read_request().value().tcp);
}

TEST(DataMessage, RefusesWhatIsNone) {
  DataMessage other_signature;
  EXPECT_FALSE(other_signature.add(kRpcSignature));
  ByteString bytes(kDataSignature.begin(), kDataSignature.end());
  bytes.insert(bytes.end(), {'0', '2'});
  DataMessage other_version;
  EXPECT_FALSE(other_version.add(bytes));
  bytes.back() = '1';
  bytes.insert(bytes.end(), {0, 0, 0, 0, 0, 0, 0x10, 0});
  DataMessage huge;
  EXPECT_FALSE(huge.add(bytes));
  auto broken = write_connect_response("no");
  std::fill(broken.begin() + 16, broken.end(), std::uint8_t{0xee});
  DataMessage nonsense;
  ASSERT_TRUE(nonsense.add(broken).value());
  EXPECT_FALSE(nonsense.read_response());
}

class DataStreamTest : public ::testing::Test {
 protected:
  void SetUp() override {
    pair.become_ready();
    pair.settle();
    ASSERT_TRUE(pair.connector->is_registered());
  }
  // What the connector says to a data stream that begins like this.
  std::string answer_to(const ByteString& request) {
    pair.connector->on_stream_data(1, request, false, pair.now);
    const auto& stream = pair.quic.client().streams.at(1);
    EXPECT_TRUE(stream.finished);
    DataMessage message;
    EXPECT_TRUE(message.add(stream.written).value());
    return message.read_response().value().error;
  }
  TunnelPair pair;
};

TEST_F(DataStreamTest, AConnectionIsAskedForAndAnswered) {
  std::vector<std::pair<quic::StreamId, std::string>> expected;
  for (const char* error : {"", "Connection refused"}) {
    const auto call = pair.edge->ask_connect(kDestinations[0]);
    ASSERT_TRUE(call);
    pair.settle();
    ASSERT_EQ(pair.connector_owner.connect_checks.size(), expected.size() + 1);
    const auto& [stream, destination] = pair.connector_owner.connect_checks.back();
    EXPECT_EQ(destination, kDestinations[0]);
    pair.connector->answer_connect(stream, error);
    pair.settle();
    expected.emplace_back(*call, error);
    EXPECT_EQ(pair.edge_owner.connect_answers, expected);
  }
}

TEST_F(DataStreamTest, CallsAreBounded) {
  std::vector<quic::StreamId> calls;
  while (const auto call = pair.edge->ask_connect(kDestinations[1])) calls.push_back(*call);
  EXPECT_EQ(calls.size(), ConnectCalls::kMaxAtOnce);
  pair.edge->give_up_connect(calls[0]);
  EXPECT_TRUE(pair.edge->ask_connect(kDestinations[1]));
  pair.settle();
  EXPECT_TRUE(pair.edge_owner.connect_answers.empty());
}

TEST_F(DataStreamTest, AnAnswerThatNobodyWaitsForIsNoMatter) {
  const auto call = pair.edge->ask_connect(kDestinations[0]);
  pair.settle();
  pair.edge->give_up_connect(*call);
  pair.settle();
  pair.connector->answer_connect(pair.connector_owner.connect_checks.at(0).first, "");
  pair.settle();
  EXPECT_TRUE(pair.edge_owner.connect_answers.empty());
  EXPECT_TRUE(pair.connector_owner.closed.empty());
}

TEST_F(DataStreamTest, WhatWeDoNotCarryIsRefusedWithAReason) {
  EXPECT_EQ(answer_to(foreign_request(schema::ConnectionType::TCP, "10.1.2.3:443")),
            "this connector carries ICMP and UDP only");
  EXPECT_TRUE(pair.connector_owner.connect_checks.empty());
}

TEST_F(DataStreamTest, ACheckOfANameIsRefused) {
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<schema::ConnectRequest>();
  request.setDest("localhost:443");
  request.setType(schema::ConnectionType::TCP);
  request.initMetadata(1)[0].setKey("oneping_check");
  EXPECT_EQ(answer_to(behind_prefix(message)), "not an address and a port");
}

TEST_F(DataStreamTest, BrokenOnesAreReset) {
  ByteString request(kDataSignature.begin(), kDataSignature.end());
  request.insert(request.end(), {'0', '9'});
  pair.connector->on_stream_data(1, request, false, pair.now);
  EXPECT_TRUE(pair.quic.client().streams.at(1).reset);
  pair.connector->on_stream_data(5, kDataSignature, true, pair.now);
  EXPECT_TRUE(pair.quic.client().streams.at(5).reset) << "ended too early";
  EXPECT_TRUE(pair.connector_owner.closed.empty());
}

}  // namespace
}  // namespace oneping::tunnel
