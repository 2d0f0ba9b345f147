// Devices that break the rules: the edge answers with the error that the RFC names, counts, and
// serves everybody else.
#include <gtest/gtest.h>

#include "masque/connect_ip.h"
#include "masque/testing/ends.h"
#include "masque/testing/raw_http3.h"

namespace oneping::masque {
namespace {

using namespace testing;

const Octets kControl = {0x00, 0x04, 0x02, 0x33, 0x01};  // with H3_DATAGRAM

class HostileDeviceTest : public MasqueTest {
 public:
  using MasqueTest::run;
  HostileDeviceTest() { edge.grant = SessionGrant{{prefix("100.96.0.7")}, {}}; }

  // A device by hand: QUIC and nothing else.
  void connect_raw() {
    auto made = client.connect({device_at, edge_at}, raw, network.now);
    ASSERT_TRUE(made);
    raw.connection = *made;
    ASSERT_TRUE(run_until([&] { return raw.ready == 1; }));
  }
  StreamId unidirectional(const Octets& bytes, bool fin = false) {
    const auto stream = raw.connection->open_unidirectional_stream();
    EXPECT_TRUE(stream);
    raw.connection->write(*stream, bytes, fin);
    return *stream;
  }
  StreamId bidirectional(const Octets& bytes, bool fin = false) {
    const auto stream = raw.connection->open_stream();
    EXPECT_TRUE(stream);
    raw.connection->write(*stream, bytes, fin);
    return *stream;
  }
  void datagram(const Octets& bytes) {
    auto packet = pool.copy(bytes);
    ASSERT_EQ(raw.connection->send_datagram(*packet, network.now), std::nullopt);
  }
  static Octets connect_ip() { return headers(head_of(connect_ip_request("edge.example"))); }
  // An open session's stream.
  StreamId raw_session() {
    connect_raw();
    unidirectional(kControl);
    const StreamId stream = bidirectional(connect_ip());
    EXPECT_TRUE(run_until([&] { return end().opened == 1; }));
    return stream;
  }
  // One who keeps the rules is served still.
  void expect_service() {
    connect(device);
    open_session(device);
    EXPECT_EQ(send(device.client.link(), octets("x")), std::nullopt);
    run(100ms);
    EXPECT_EQ(end().packets.size(), 1u);
  }

  quic::testing::RecordingUser raw;
};

TEST_F(HostileDeviceTest, ErrorsOfTheConnection) {
  struct Case {
    const char* name;
    std::function<void(HostileDeviceTest&)> act;
    std::uint64_t code;
  };
  using Self = HostileDeviceTest;
  const Octets get =
      headers({{":method", "GET"}, {":scheme", "https"}, {":authority", "e"}, {":path", "/"}});
  const Case cases[] = {
      {"setting that is not allowed",
       [](Self& t) {
         t.unidirectional({0x00, 0x04, 0x02, 0x33, 0x02});
       },
       0x109},
      {"setting twice",
       [](Self& t) {
         t.unidirectional({0x00, 0x04, 0x04, 0x33, 0x01, 0x33, 0x01});
       },
       0x109},
      {"setting of HTTP/2",
       [](Self& t) {
         t.unidirectional({0x00, 0x04, 0x02, 0x04, 0x01});
       },
       0x109},
      {"control stream twice",
       [](Self& t) {
         t.unidirectional(kControl);
         t.unidirectional(kControl);
       },
       0x103},
      {"no SETTINGS first",
       [](Self& t) {
         t.unidirectional({0x00, 0x07, 0x01, 0x00});
       },
       0x10a},
      {"SETTINGS twice",
       [](Self& t) {
         t.unidirectional(kControl + Octets{0x04, 0x00});
       },
       0x105},
      {"SETTINGS cut short",
       [](Self& t) {
         t.unidirectional({0x00, 0x04, 0x01, 0x33});
       },
       0x106},
      {"control stream ends", [](Self& t) { t.unidirectional(kControl, true); }, 0x104},
      {"control stream is reset",
       [](Self& t) {
         const StreamId stream = t.unidirectional(kControl);
         t.run(100ms);
         t.raw.connection->reset_stream(stream, 0);
       },
       0x104},
      {"push stream",
       [](Self& t) {
         t.unidirectional({0x01, 0x00});
       },
       0x103},
      {"QPACK encoder asks for a table",
       [](Self& t) {
         t.unidirectional({0x02, 0x3f, 0xe1, 0x1f});
       },
       0x201},
      {"QPACK decoder acknowledges nothing",
       [](Self& t) {
         t.unidirectional({0x03, 0x80});
       },
       0x202},
      {"head with a dynamic entry",
       [](Self& t) {
         t.bidirectional(frame(0x01, {0x02, 0x00, 0x80}));
       },
       0x200},
      {"DATA before HEADERS", [](Self& t) { t.bidirectional(data_frame({1})); }, 0x105},
      {"SETTINGS on a request",
       [](Self& t) {
         t.bidirectional({0x04, 0x00});
       },
       0x105},
      {"frame of HTTP/2",
       [](Self& t) {
         t.bidirectional({0x06, 0x00});
       },
       0x105},
      {"request ends within a frame",
       [&](Self& t) {
         Octets cut = get;
         cut.pop_back();
         t.bidirectional(cut, true);
       },
       0x106},
      {"request of nothing", [](Self& t) { t.bidirectional({}, true); }, 0x105},
      {"datagram without a stream", [](Self& t) { t.datagram({}); }, 0x33},
      {"datagram for a stream that cannot be",
       [](Self& t) {
         t.datagram({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
       },
       0x33},
      {"datagram cut within its stream's number", [](Self& t) { t.datagram({0x40}); }, 0x33},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    raw = {};
    connect_raw();
    each.act(*this);
    ASSERT_TRUE(run_until([&] { return !raw.closed.empty(); }, 2s));
    EXPECT_EQ(raw.closed[0].kind, quic::CloseKind::peer);
    EXPECT_EQ(raw.closed[0].code, each.code) << raw.closed[0].reason;
    ASSERT_EQ(end().closed.size(), 1u);
    EXPECT_EQ(end().closed[0].code, each.code);
  }
  expect_service();
}

TEST_F(HostileDeviceTest, OddButAllowed) {
  connect_raw();
  unidirectional({0x21, 1, 2, 3});  // a reserved type of stream (RFC 9114, 6.2.3)
  unidirectional({0x00, 0x04, 0x06, 0x33, 0x01, 0x40, 0x21, 0x01});  // reserved setting; cut
  const Octets head = headers({{":method", "GET"},
                               {":scheme", "https"},
                               {":authority", "e"},
                               {":path", "/"},
                               {"x-a", "1"}});
  bidirectional(frame(0x21, {1, 2, 3}) + head + frame(0x2f, {}), true);  // reserved frames
  const StreamId lost = bidirectional({0x01});
  raw.connection->reset_stream(lost, 7);
  datagram({0x3f, 0x00, 0x45});  // for a stream that is not open
  run(500ms);
  ASSERT_TRUE(raw.closed.empty()) << raw.closed[0].code << ' ' << raw.closed[0].reason;
  EXPECT_EQ(end().requests.size(), 1u);
  EXPECT_EQ(end().lost, std::vector<DropReason>{DropReason::unknown_datagram});
  EXPECT_TRUE(raw.closed.empty());
}

TEST_F(HostileDeviceTest, MalformedRequestsAreResetAlone) {
  connect_raw();
  unidirectional(kControl);
  const HttpFields good = {
      {":method", "GET"}, {":scheme", "https"}, {":authority", "e"}, {":path", "/"}};
  const auto with = [&](HttpFields more) {
    HttpFields fields = good;
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
  };
  const std::vector<HttpFields> malformed = {
      {{":method", "GET"}},
      {{":method", "CONNECT"}, {":scheme", "https"}, {":authority", "e"}},
      with({{"Upper", "case"}}),
      with({{"connection", "close"}}),
      with({{":path", "/again"}}),
      with({{":unknown", "x"}}),
      with({{":protocol", "connect-ip"}}),
      with({{"x", "1"}, {":late", "pseudo"}}),
  };
  std::vector<StreamId> streams;
  for (const HttpFields& fields : malformed) streams.push_back(bidirectional(headers(fields)));
  run(1s);
  for (std::size_t i = 0; i < streams.size(); ++i) {
    EXPECT_EQ(raw.streams_closed[streams[i]], 1) << i;
  }
  EXPECT_TRUE(end().requests.empty());
  EXPECT_TRUE(raw.closed.empty());
  bidirectional(headers(good), true);
  run(100ms);
  EXPECT_EQ(end().requests.size(), 1u);
}

TEST_F(HostileDeviceTest, RefusedWithoutAskingTheEdge) {
  struct Case {
    const char* name;
    std::function<void(HttpRequest&)> spoil;
    const char* answer;
  };
  const Case cases[] = {
      {"other protocol", [](HttpRequest& r) { r.protocol = "websocket"; }, "only connect-ip"},
      {"other path", [](HttpRequest& r) { r.path = "/"; }, "no such path"},
      {"malformed target", [](HttpRequest& r) { r.path = "/.well-known/masque/ip/%/*/"; },
       "malformed"},
      {"one target", [](HttpRequest& r) { r.path = "/.well-known/masque/ip/10.0.0.1/*/"; },
       "not served"},
      {"http", [](HttpRequest& r) { r.scheme = "http"; }, "not https"},
      {"content",
       [](HttpRequest& r) {
         r.fields.push_back({"content-type", "text/plain"});
       },
       "no content"},
  };
  connect_raw();
  unidirectional(kControl);
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    HttpRequest request = connect_ip_request("edge.example");
    each.spoil(request);
    const StreamId stream = bidirectional(headers(head_of(request)));
    run(100ms);
    EXPECT_NE(raw.received[stream].find(each.answer), std::string::npos);
    EXPECT_TRUE(raw.finished[stream]);
    raw.connection->write(stream, {}, true);
  }
  EXPECT_EQ(end().session_requests, 0);
}

TEST_F(HostileDeviceTest, WithoutHttpDatagramsThereIsNoSession) {
  connect_raw();
  unidirectional({0x00, 0x04, 0x00});
  const StreamId stream = bidirectional(connect_ip());
  run(100ms);
  EXPECT_NE(raw.received[stream].find("takes no HTTP datagrams"), std::string::npos);
  EXPECT_EQ(end().opened, 0);
  EXPECT_EQ(end().session_ends.size(), 1u);
}

TEST_F(HostileDeviceTest, SettingsThatNeverCome) {
  connect_raw();
  const StreamId stream = bidirectional(connect_ip());
  run(4s);
  EXPECT_EQ(end().opened, 0);
  EXPECT_TRUE(raw.received[stream].empty());
  run(2s);
  EXPECT_NE(raw.received[stream].find("settings have not come"), std::string::npos);
}

TEST_F(HostileDeviceTest, SettingsAfterTheRequestAreInTime) {
  connect_raw();
  bidirectional(connect_ip());
  run(100ms);
  EXPECT_EQ(end().opened, 0);
  unidirectional(kControl);
  run(100ms);
  EXPECT_EQ(end().opened, 1);
}

TEST_F(HostileDeviceTest, PromiseOfDatagramsThatQuicDoesNotTake) {
  quic::EndpointOptions options = quic::testing::with_secret(3);
  options.transport.max_datagram_frame_size = 0;
  quic::Endpoint without(options, h3_client_tls(), network.random, nullptr);
  const SocketAddress at = address("198.51.100.9:40000");
  network.attach(at, without);
  auto made = without.connect({at, edge_at}, raw, network.now);
  ASSERT_TRUE(made);
  raw.connection = *made;
  ASSERT_TRUE(run_until([&] { return raw.ready == 1; }));
  unidirectional(kControl);
  ASSERT_TRUE(run_until([&] { return !raw.closed.empty(); }, 2s));
  EXPECT_EQ(raw.closed[0].code, 0x109u);
  network.detach(without);
}

TEST_F(HostileDeviceTest, DatagramsBeforeTheAnswer) {
  connect_raw();
  const StreamId stream = bidirectional(connect_ip());
  run(50ms);
  datagram({static_cast<std::uint8_t>(stream / 4), 0x00, 0x45});
  run(100ms);
  EXPECT_TRUE(end().packets.empty());
  EXPECT_EQ(end().lost, std::vector<DropReason>{DropReason::link_down});
}

TEST_F(HostileDeviceTest, DatagramsOfASession) {
  const StreamId stream = raw_session();
  const auto id = static_cast<std::uint8_t>(stream / 4);
  datagram({id});                 // no context
  datagram({id, 0x40});           // cut
  datagram({id, 0x00});           // no packet
  datagram({id, 0x02, 0x45, 1});  // a context that nobody registered
  datagram({id, 0x00, 0x45, 2});  // a packet
  datagram({id, 0x40, 0x00, 3});  // and one whose context is written longer than needed
  run(100ms);
  using enum DropReason;
  EXPECT_EQ(end().lost, (std::vector<DropReason>{malformed_datagram, malformed_datagram,
                                                 malformed_datagram, unknown_datagram}));
  EXPECT_EQ(end().packets, (std::vector<Octets>{{0x45, 2}, {3}}));
}

// RFC 9297, 3.5: datagrams may come as capsules too.
TEST_F(HostileDeviceTest, PacketsInCapsules) {
  const StreamId stream = raw_session();
  Octets capsules = {0x00, 0x03, 0x00, 0x45, 1};  // DATAGRAM of context 0
  capsules = capsules + Octets{0x00, 0x02, 0x04, 0x45} + Octets{0x00, 0x00};
  raw.connection->write(stream, data_frame(capsules), false);
  run(100ms);
  EXPECT_EQ(end().packets, (std::vector<Octets>{{0x45, 1}}));
  EXPECT_EQ(end().lost.size(), 2u);
}

Octets address_request(std::uint64_t id, const char* text) {
  Octets capsule;
  append_address_request(capsule, std::vector<AddressEntry>{{id, prefix(text)}});
  return capsule;
}

// The capsules of what the edge sent behind its head.
std::vector<std::vector<AddressEntry>> assignments(const std::string& received) {
  Bytes frames(reinterpret_cast<const std::uint8_t*>(received.data()), received.size());
  CapsuleReader reader;
  std::vector<std::vector<AddressEntry>> found;
  while (!frames.empty()) {
    const auto type = take_varint(frames);
    const auto length = take_varint(frames);
    Bytes payload = frames.first(static_cast<std::size_t>(*length));
    frames = frames.subspan(payload.size());
    if (*type != 0) continue;
    for (;;) {
      const auto capsule = reader.next(payload);
      if (!capsule || !*capsule) break;
      if ((*capsule)->type == CapsuleType::address_assign) {
        found.push_back(*parse_address_assign((*capsule)->value));
      }
    }
  }
  return found;
}

TEST_F(HostileDeviceTest, CapsulesSplitAtEveryByte) {
  Octets capsules = address_request(5, "0.0.0.0/32");
  capsules = capsules + Octets{0x40, 0x99, 0x02, 9, 9} + address_request(6, "100.96.0.8/32");
  const StreamId stream = raw_session();
  for (const std::uint8_t byte : capsules) {
    raw.connection->write(stream, data_frame({byte}), false);
    run(2ms);
  }
  run(100ms);
  const auto assigned = assignments(raw.received[stream]);
  ASSERT_EQ(assigned.size(), 3u) << "one at once, and an answer each";
  EXPECT_EQ(assigned[0], (std::vector<AddressEntry>{{0, prefix("100.96.0.7")}}));
  EXPECT_EQ(assigned[1], (std::vector<AddressEntry>{{5, prefix("100.96.0.7")}}));
  EXPECT_EQ(assigned[2],
            (std::vector<AddressEntry>{{5, prefix("100.96.0.7")}, no_address(6, IpFamily::v4)}))
      << "another than its own is declined";
}

TEST_F(HostileDeviceTest, ForbiddenCapsulesBreakTheSessionAlone) {
  struct Case {
    const char* name;
    Octets capsules;
    bool fin;
    const char* reason;
  };
  Octets many;
  for (std::uint64_t i = 1; i <= 65; ++i) many = many + address_request(i, "0.0.0.0/32");
  const Case cases[] = {
      {"request for nothing",
       {0x02, 0x00},
       false,
       "the device's capsules: ADDRESS_REQUEST: it asks for nothing"},
      {"request id zero",
       {0x02, 0x07, 0x00, 0x04, 0, 0, 0, 0, 32},
       false,
       "the device's capsules: ADDRESS_REQUEST: an id is zero"},
      {"routes out of order",
       {0x03, 0x14, 4, 9, 0, 0, 0, 9, 0, 0, 1, 0, 4, 8, 0, 0, 0, 8, 0, 0, 1, 0},
       false,
       "the device's capsules: ROUTE_ADVERTISEMENT: 8.0.0.0 is out of order"},
      {"huge",
       {0x01, 0xc0, 0, 0, 1, 0, 0, 0, 0},
       false,
       "the device's capsules: a capsule of type 1 with 4294967296 bytes: more than 16384 are not "
       "taken"},
      {"ends within a capsule",
       {0x02, 0x07, 0x01},
       true,
       "the device's stream ends within a capsule"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    raw = {};
    const StreamId stream = raw_session();
    raw.connection->write(stream, data_frame(each.capsules), each.fin);
    run(500ms);
    ASSERT_EQ(end().session_ends.size(), 1u);
    EXPECT_EQ(end().session_ends[0], each.reason);
    EXPECT_EQ(raw.streams_closed[stream], 1);
    EXPECT_TRUE(raw.closed.empty()) << "the connection goes on";
    bidirectional(connect_ip());
    run(100ms);
    EXPECT_EQ(end().opened, 2);
    raw.close();
    run(100ms);
  }
}

TEST_F(HostileDeviceTest, AddressesThatWaitAreBounded) {
  connect_raw();
  Octets many;
  for (std::uint64_t i = 1; i <= 65; ++i) many = many + address_request(i, "0.0.0.0/32");
  bidirectional(connect_ip() + data_frame(many));  // its settings have not come
  run(100ms);
  ASSERT_EQ(end().session_ends.size(), 1u);
  EXPECT_EQ(end().session_ends[0], "the device asks for too many addresses");
}

TEST_F(HostileDeviceTest, AddressesThatAreAskedForAgainAndAgainAreBounded) {
  const StreamId stream = raw_session();
  for (std::uint64_t i = 1; i <= 1024 && end().session_ends.empty(); ++i) {
    raw.connection->write(stream, data_frame(address_request(i, "0.0.0.0/32")), false);
    if (i % 32 == 0) run(50ms);
  }
  run(100ms);
  EXPECT_TRUE(end().session_ends.empty());
  raw.connection->write(stream, data_frame(address_request(1025, "0.0.0.0/32")), false);
  run(100ms);
  ASSERT_EQ(end().session_ends.size(), 1u);
  EXPECT_EQ(end().session_ends[0], "the device asks for too many addresses");
}

TEST_F(HostileDeviceTest, UnknownCapsulesWithoutEnd) {
  const StreamId stream = raw_session();
  raw.connection->write(
      stream, data_frame({0x40, 0x99, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), false);
  for (int i = 0; i < 100; ++i) {
    raw.connection->write(stream, data_frame(Octets(10'000, 1)), false);
    run(20ms);
  }
  EXPECT_TRUE(end().session_ends.empty());
  EXPECT_TRUE(raw.closed.empty());
}

TEST_F(HostileDeviceTest, StreamIsReset) {
  const StreamId stream = raw_session();
  raw.connection->reset_stream(stream, 0x10c);
  run(200ms);
  ASSERT_EQ(end().session_ends.size(), 1u);
  EXPECT_EQ(end().session_ends[0], "the device broke it off");
  EXPECT_FALSE(at_edge().has_open_session());
  bidirectional(connect_ip());
  run(100ms);
  EXPECT_EQ(end().opened, 2);
}

TEST_F(HostileDeviceTest, SecondSessionIsRefused) {
  raw_session();
  const StreamId second = bidirectional(connect_ip());
  run(100ms);
  EXPECT_NE(raw.received[second].find("has its session already"), std::string::npos);
  EXPECT_TRUE(at_edge().has_open_session());
}

TEST_F(HostileDeviceTest, EndsItWithItsRequest) {
  connect_raw();
  unidirectional(kControl);
  bidirectional(connect_ip(), true);
  run(200ms);
  ASSERT_EQ(end().session_ends.size(), 1u);
  EXPECT_FALSE(at_edge().has_open_session());
}

}  // namespace
}  // namespace oneping::masque
