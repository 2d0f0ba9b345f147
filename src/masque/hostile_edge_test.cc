// Edges that break the rules, or are none: the device says what is wrong and goes.
#include <gtest/gtest.h>

#include "masque/testing/ends.h"
#include "masque/testing/raw_http3.h"

namespace oneping::masque {
namespace {

using namespace testing;

const Octets kControl = {0x00, 0x04, 0x04, 0x33, 0x01, 0x08, 0x01};

class HostileEdgeTest : public MasqueTest {
 public:
  HostileEdgeTest() {
    network.detach(server);
    raw_server = std::make_unique<quic::Endpoint>(quic::testing::with_secret(9), h3_server_tls(),
                                                  network.random, &raw_edge);
    network.attach(edge_at, *raw_server);
  }
  [[nodiscard]] quic::testing::RecordingUser& raw() { return *raw_edge.users.back(); }

  void connect_to_raw(Device& who, const Octets& control = kControl) {
    const std::size_t before = raw_edge.users.size();
    auto made = client.connect({device_at, edge_at}, who.client.quic_events(), network.now);
    ASSERT_TRUE(made);
    who.client.attach(**made);
    ASSERT_TRUE(run_until([&] { return raw_edge.users.size() > before && raw().ready == 1; }));
    const auto stream = raw().connection->open_unidirectional_stream();
    ASSERT_TRUE(stream);
    raw().connection->write(*stream, control, false);
    run(100ms);
  }
  // Its request has come to the raw edge, which answers with `response`.
  void answer(Device& who, const Octets& response, bool fin = false) {
    ASSERT_TRUE(who.client.open_session({"edge.example"}, network.now));
    run(100ms);
    ASSERT_FALSE(raw().received[0].empty());
    raw().connection->write(0, response, fin);
    run(100ms);
  }

  quic::testing::RecordingAcceptor raw_edge;
  std::unique_ptr<quic::Endpoint> raw_server;
};

Octets status(const std::string& code, HttpFields more = {}) {
  HttpFields fields = {{":status", code}};
  fields.insert(fields.end(), more.begin(), more.end());
  return headers(fields);
}

Octets assign(std::initializer_list<const char*> addresses) {
  std::vector<AddressEntry> entries;
  for (const char* text : addresses) entries.push_back({0, prefix(text)});
  Octets capsule;
  append_address_assign(capsule, entries);
  return capsule;
}

TEST_F(HostileEdgeTest, NotAnEdge) {
  connect_to_raw(device, {0x00, 0x04, 0x00});
  ASSERT_EQ(device.ready, 1);
  const auto asked = device.client.open_session({"edge.example"}, network.now);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().message,
            "opening a session: this server has none (is it an edge's address?)");
}

TEST_F(HostileEdgeTest, SettingsThatNeverCome) {
  connect_to_raw(device, {});
  EXPECT_EQ(device.ready, 0);
  EXPECT_FALSE(device.client.open_session({"edge.example"}, network.now));
}

TEST_F(HostileEdgeTest, Refusals) {
  struct Case {
    const char* name;
    Octets response;
    std::optional<int> status;
    const char* why;
  };
  const Case cases[] = {
      {"403", status("403") + data_frame(octets("no\n")), 403,
       "the edge refused the session (status 403): no"},
      {"without words", status("500"), 500, "the edge refused the session (status 500)"},
      {"redirect", status("302", {{"location", "https://elsewhere/"}}), 302,
       "the edge refused the session (status 302)"},
      {"204", status("204"), 204, "the edge refused the session (status 204)"},
      {"control characters", status("403") + data_frame({'a', 0x1b, '['}), 403,
       "the edge refused the session (status 403): a?["},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    Device who;
    connect_to_raw(who);
    answer(who, each.response, true);
    ASSERT_EQ(who.session_ends.size(), 1u);
    EXPECT_EQ(who.session_ends[0], each.why);
    EXPECT_EQ(who.statuses[0], each.status);
    EXPECT_EQ(who.opened, 0);
    who.client.close(H3Error::no_error, "");
    run(100ms);
  }
}

TEST_F(HostileEdgeTest, EndlessRefusal) {
  connect_to_raw(device);
  answer(device, status("403"));
  for (int i = 0; i < 50; ++i) {
    raw().connection->write(0, data_frame(Octets(5000, 'x')), false);
    run(10ms);
  }
  run(9s);
  ASSERT_EQ(device.session_ends.size(), 1u);
  EXPECT_LT(device.session_ends[0].size(), 1200u);
  EXPECT_EQ(device.statuses[0], 403);
}

TEST_F(HostileEdgeTest, NoAnswerAtAll) {
  connect_to_raw(device);
  ASSERT_TRUE(device.client.open_session({"edge.example"}, network.now));
  run(7s);
  EXPECT_TRUE(device.session_ends.empty());
  run(2s);
  ASSERT_EQ(device.session_ends.size(), 1u);
  EXPECT_EQ(device.session_ends[0], "the edge did not answer the request for a session");
}

TEST_F(HostileEdgeTest, InterimAnswersAreNone) {
  connect_to_raw(device);
  answer(device,
         status("103") + status("100") + status("200") + data_frame(assign({"100.96.0.7"})));
  EXPECT_EQ(device.opened, 1);
}

TEST_F(HostileEdgeTest, AgreesAndAssignsNothing) {
  connect_to_raw(device);
  answer(device, status("200"));
  EXPECT_EQ(device.opened, 0);
  run(9s);
  ASSERT_EQ(device.session_ends.size(), 1u);
  EXPECT_EQ(device.session_ends[0], "the edge assigned no addresses");
}

TEST_F(HostileEdgeTest, ForbiddenCapsules) {
  struct Case {
    const char* name;
    Octets capsules;
    bool fin;
    const char* why;
  };
  const Case cases[] = {
      {"host bits",
       {0x01, 0x07, 0x00, 0x04, 10, 0, 0, 1, 8},
       false,
       "the edge's capsules: ADDRESS_ASSIGN: 10.0.0.1/8 has host bits set"},
      {"huge",
       {0x03, 0xc0, 0, 0, 1, 0, 0, 0, 0},
       false,
       "the edge's capsules: a capsule of type 3 with 4294967296 bytes: more than 8388608 are not "
       "taken"},
      {"cut", {0x01, 0x07, 0x00}, true, "the edge's stream ends within a capsule"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    Device who;
    connect_to_raw(who);
    answer(who, status("200") + data_frame(assign({"100.96.0.7"})));
    ASSERT_EQ(who.opened, 1);
    raw().connection->write(0, data_frame(each.capsules), each.fin);
    run(100ms);
    ASSERT_EQ(who.session_ends.size(), 1u);
    EXPECT_EQ(who.session_ends[0], each.why);
    EXPECT_FALSE(who.client.has_open_session());
    EXPECT_TRUE(who.closed.empty());
    who.client.close(H3Error::no_error, "");
    run(100ms);
  }
}

// RFC 9484, 4.7.2: each request is answered, if only by a no.
TEST_F(HostileEdgeTest, AsksTheDeviceForAddresses) {
  connect_to_raw(device);
  answer(device, status("200") + data_frame(assign({"100.96.0.7"})));
  const std::size_t before = raw().received[0].size();
  Octets capsule;
  append_address_request(capsule, std::vector<AddressEntry>{{3, prefix("fd00::9")}});
  raw().connection->write(0, data_frame(capsule), false);
  run(100ms);
  Octets expected;
  append_address_assign(expected, std::vector<AddressEntry>{no_address(3, IpFamily::v6)});
  EXPECT_EQ(octets(raw().received[0].substr(before)), data_frame(expected));
  EXPECT_TRUE(device.session_ends.empty());
}

TEST_F(HostileEdgeTest, ErrorsOfTheConnection) {
  struct Case {
    const char* name;
    std::function<void(quic::testing::RecordingUser&)> act;
    std::uint64_t code;
  };
  const Case cases[] = {
      {"request from a server",
       [](auto& peer) {
         peer.connection->write(*peer.connection->open_stream(), Octets{1}, false);
       },
       0x103},
      {"push promise",
       [](auto& peer) {
         peer.connection->write(0, Octets{0x05, 0x01, 0x00}, false);
       },
       0x105},
      {"data before the head",
       [](auto& peer) { peer.connection->write(0, data_frame({1}), false); }, 0x105},
      {"control stream ends", [](auto& peer) { peer.connection->write(3, Octets{}, true); }, 0x104},
      {"GOAWAY for what is no request",
       [](auto& peer) {
         peer.connection->write(3, Octets{0x07, 0x01, 0x01}, false);
       },
       0x108},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    Device who;
    connect_to_raw(who);
    ASSERT_TRUE(who.client.open_session({"edge.example"}, network.now));
    run(100ms);
    each.act(raw());
    run(200ms);
    ASSERT_EQ(who.closed.size(), 1u);
    EXPECT_EQ(who.closed[0].code, each.code) << who.closed[0].reason;
    EXPECT_EQ(who.session_ends.size(), 1u);
    ASSERT_EQ(raw().closed.size(), 1u);
    EXPECT_EQ(raw().closed[0].code, each.code);
  }
}

TEST_F(HostileEdgeTest, ResponseThatIsTooLarge) {
  connect_to_raw(device);
  HttpRequest request;
  request.method = "GET";
  request.authority = "edge.example";
  request.path = "/";
  const auto stream = device.client.request(request);
  ASSERT_TRUE(stream);
  run(100ms);
  raw().connection->write(*stream, status("200"), false);
  for (int i = 0; i < 300 && !device.responses.contains(*stream); ++i) {
    raw().connection->write(*stream, data_frame(Octets(5000, 'x')), false);
    run(10ms);
  }
  ASSERT_TRUE(device.responses.contains(*stream));
  EXPECT_FALSE(device.responses[*stream]);
  EXPECT_TRUE(device.closed.empty());
}

}  // namespace
}  // namespace oneping::masque
