#include "proxy/udp_proxy.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proxy/testing/fake_udp_network.h"
#include "test/support/packet_builder.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;
using test::address;
using test::ByteVector;
using test::PacketBuilder;
using test::pattern;
using testing::FakeUdpNetwork;

ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }
SocketAddress at(const char* text) { return *SocketAddress::parse(text); }
constexpr Uuid kSession{1, 2, 3};

class Recorder final : public UdpProxyEvents {
 public:
  struct Answer {
    ByteVector packet;
    std::uint8_t tag;
  };
  struct Undeliverable {
    ByteVector packet;
    DropReason reason;
    std::size_t mtu;
    std::uint8_t tag;
  };
  struct SessionAnswer {
    Uuid session;
    ByteVector payload;
    std::uint8_t tag;
  };
  void on_udp_answer(Packet packet, std::uint8_t tag, Time) override {
    answers.push_back({vector_of(packet.bytes()), tag});
  }
  bool on_udp_undeliverable(const IpView& packet, DropReason reason, std::size_t mtu,
                            std::uint8_t tag, Time) override {
    undeliverable.push_back({vector_of(packet.bytes()), reason, mtu, tag});
    return true;
  }
  std::optional<DropReason> on_session_answer(const Uuid& session, Bytes payload, std::uint8_t tag,
                                              Time) override {
    session_answers.push_back({session, vector_of(payload), tag});
    return refuse_session_answer;
  }
  void on_session_over(const Uuid& session, std::uint8_t) override { over.push_back(session); }
  std::vector<Uuid> over;
  std::vector<Undeliverable> undeliverable;
  std::vector<Answer> answers;
  std::vector<SessionAnswer> session_answers;
  std::optional<DropReason> refuse_session_answer;
};

class UdpProxyTest : public ::testing::Test {
 protected:
  void make(UdpProxy::Options options = {}) {
    proxy = std::make_unique<UdpProxy>(std::move(options), network, pool, events, random);
  }
  std::optional<DropReason> send(const ByteVector& packet, std::uint8_t tag = 0,
                                 Time now = Time(1s)) {
    const auto ip = IpView::parse(packet).value();
    return proxy->send(ip, UdpView::parse(ip).value(), tag, now);
  }
  PacketBuilder from_client(const char* client, int port, const char* to, int to_port,
                            const ByteVector& payload = pattern(4)) {
    return PacketBuilder(client, to).udp(port, to_port, payload);
  }
  void answer(UdpSocketId socket, const char* source, const ByteVector& payload = pattern(3),
              Time now = Time(2s)) {
    proxy->on_udp_reply(
        socket, {.source = at(source), .hop_limit = 57, .traffic_class = 0xb8, .payload = payload},
        now);
  }

  FakeUdpNetwork network;
  PacketPool pool;
  Recorder events;
  SeededRandom random{3};
  std::unique_ptr<UdpProxy> proxy;
};

TEST_F(UdpProxyTest, ADatagramGoesOutAsItsClientSentIt) {
  make();
  ASSERT_EQ(send(from_client("100.96.0.1", 4000, "172.16.10.120", 53, pattern(20))
                     .hop_limit(9)
                     .traffic_class(0xb8)
                     .dont_fragment()
                     .build()),
            std::nullopt);
  ASSERT_EQ(send(from_client("fd00:64::1", 4000, "fd00:10::120", 53).hop_limit(7).build()),
            std::nullopt);
  ASSERT_EQ(send(from_client("100.96.0.1", 4000, "172.16.10.120", 54, {}).build()), std::nullopt);
  ASSERT_EQ(network.sent.size(), 3u);
  EXPECT_EQ(network.sent[0].destination, at("172.16.10.120:53"));
  EXPECT_EQ(network.sent[0].hop_limit, 9);
  EXPECT_EQ(network.sent[0].traffic_class, 0xb8);
  EXPECT_TRUE(network.sent[0].dont_fragment);
  EXPECT_EQ(network.sent[0].payload, pattern(20));
  EXPECT_EQ(network.sent[1].destination, at("[fd00:10::120]:53"));
  EXPECT_EQ(network.sent[1].hop_limit, 7);
  EXPECT_FALSE(network.sent[2].dont_fragment);
  EXPECT_TRUE(network.sent[2].payload.empty());
  EXPECT_EQ(network.sent[0].socket, network.sent[2].socket);
}

TEST_F(UdpProxyTest, AnAnswerIsThePacketThatTheClientWaitsFor) {
  make();
  struct Case {
    const char* client;
    const char* to;
    const char* source;
  };
  for (const Case& c : {Case{"100.96.0.1", "172.16.10.120", "172.16.10.120:53"},
                        Case{"fd00:64::1", "fd00:10::120", "[fd00:10::120]:53"}}) {
    SCOPED_TRACE(c.client);
    events.answers.clear();
    ASSERT_EQ(send(from_client(c.client, 4000, c.to, 53).build(), 3), std::nullopt);
    answer(network.sent.back().socket, c.source, pattern(30));
    ASSERT_EQ(events.answers.size(), 1u);
    EXPECT_EQ(events.answers[0].tag, 3);
    const ByteVector& packet = events.answers[0].packet;
    EXPECT_TRUE(test::udp_packet_checksums_right(packet));
    const auto ip = IpView::parse(packet).value();
    const auto udp = UdpView::parse(ip).value();
    EXPECT_EQ(ip.source(), address(c.to));
    EXPECT_EQ(ip.destination(), address(c.client));
    EXPECT_EQ(udp.ports, (UdpPorts{53, 4000}));
    EXPECT_EQ(ip.hop_limit(), 57);
    EXPECT_EQ(ip.traffic_class(), 0xb8);
    EXPECT_EQ(vector_of(udp.payload), pattern(30));
  }
}

TEST_F(UdpProxyTest, AnswersOfEverySizeMayBeSentOnInPieces) {
  make();
  struct Case {
    const char* client;
    const char* to;
    const char* source;
    std::vector<std::size_t> sizes;
    std::size_t whole;  // the largest that every link carries
  };
  const Case cases[] = {{"100.96.0.1",
                         "172.16.10.120",
                         "172.16.10.120:123",
                         {1252, 1253, 1892, 1893, 3000, 60000, 65507},
                         65535},
                        {"fd00:64::1",
                         "fd00:10::120",
                         "[fd00:10::120]:123",
                         {1232, 1233, 1872, 1873, 3000, 60000, 65519},
                         1232}};
  for (const Case& c : cases) {
    ASSERT_EQ(send(from_client(c.client, 4000, c.to, 123).build()), std::nullopt);
    std::set<std::uint32_t> ids;
    for (const std::size_t size : c.sizes) {
      SCOPED_TRACE(std::string(c.client) + " " + std::to_string(size));
      events.answers.clear();
      answer(network.sent.back().socket, c.source, pattern(size));
      ASSERT_EQ(events.answers.size(), 1u);
      const ByteVector& packet = events.answers[0].packet;
      const auto ip = IpView::parse(packet).value();
      EXPECT_EQ(ip.bytes().size(), packet.size());
      EXPECT_EQ(vector_of(UdpView::parse(ip).value().payload), pattern(size));
      EXPECT_EQ(ip.dont_fragment(), size <= c.whole && !ip.is_v4());
      if (ip.dont_fragment()) continue;
      const std::uint32_t id =
          ip.is_v4() ? ip.label() : load_be32(&packet[ip.fragment_header_offset() + 4]);
      EXPECT_TRUE(ids.insert(id).second) << "each has its own";
    }
  }
  EXPECT_EQ(proxy->reply_counters().dropped(), 0u);
  events.answers.clear();
  answer(network.sent.back().socket, "[fd00:10::120]:123", pattern(65520));
  EXPECT_TRUE(events.answers.empty());
  EXPECT_EQ(proxy->reply_counters().dropped(DropReason::too_big), 1u)
      << "behind a fragment header there is no room for it";
}

TEST_F(UdpProxyTest, WhatNobodyAskedForIsDropped) {
  make();
  send(from_client("100.96.0.1", 4000, "172.16.10.120", 53).build());
  const auto socket = network.sent.back().socket;
  answer(socket, "172.16.10.120:54");
  answer(socket, "172.16.10.121:53");
  answer(socket + 1, "172.16.10.120:53");
  answer(socket, "172.16.10.120:53", pattern(3), Time(40s));  // DNS: 30 s
  EXPECT_TRUE(events.answers.empty());
  EXPECT_EQ(proxy->reply_counters().dropped(DropReason::no_flow), 4u);
}

TEST_F(UdpProxyTest, AnswersGoWhereTheClientSentFromLast) {
  make();
  send(from_client("100.96.0.1", 4000, "172.16.10.120", 53).build(), 1);
  send(from_client("100.96.0.1", 4000, "172.16.10.121", 53).build(), 2);
  answer(network.sent[0].socket, "172.16.10.120:53");
  ASSERT_EQ(events.answers.size(), 1u);
  EXPECT_EQ(events.answers[0].tag, 2);
}

TEST_F(UdpProxyTest, RefusesWhatItMustNot) {
  struct Case {
    const char* name;
    ByteVector packet;
    std::optional<DropReason> expected;
  };
  make({.allow_destinations = {*Prefix::parse("169.254.1.0/24")}});
  network.broadcasts = {address("172.16.10.255")};
  const auto to = [&](const char* destination, int port = 53) {
    const bool v4 = address(destination).is_v4();
    return from_client(v4 ? "100.96.0.1" : "fd00:64::1", 4000, destination, port);
  };
  const Case cases[] = {
      {"loopback", to("127.0.0.1").build(), DropReason::destination_refused},
      {"loopback v6", to("::1").build(), DropReason::destination_refused},
      {"the network's broadcast", to("172.16.10.255").build(), DropReason::destination_refused},
      {"multicast", to("224.0.0.251", 5353).build(), DropReason::destination_refused},
      {"multicast v6", to("ff02::fb", 5353).build(), DropReason::destination_refused},
      {"broadcast", to("255.255.255.255", 67).build(), DropReason::destination_refused},
      {"metadata", to("169.254.169.254").build(), DropReason::destination_refused},
      {"allowed by name", to("169.254.1.1").build(), std::nullopt},
      {"port 0", to("172.16.10.120", 0).build(), DropReason::destination_refused},
      {"no hop left", to("172.16.10.120").hop_limit(0).build(), DropReason::hop_limit_exceeded},
      {"no single source", from_client("0.0.0.0", 68, "172.16.10.120", 67).build(),
       DropReason::source_refused},
  };
  for (const Case& c : cases) EXPECT_EQ(send(c.packet), c.expected) << c.name;
  EXPECT_EQ(network.sent.size(), 1u);
  EXPECT_EQ(network.is_open.size(), 1u);
  EXPECT_EQ(proxy->request_counters().in(), std::size(cases));
  EXPECT_EQ(proxy->request_counters().forwarded(), 1u);
  EXPECT_EQ(proxy->request_counters().held(), 0u);
}

TEST_F(UdpProxyTest, TheBackendsRefusalIsTheAnswer) {
  make();
  network.refuse_send = DropReason::too_big;
  EXPECT_EQ(send(from_client("100.96.0.1", 4000, "172.16.10.120", 53).build()),
            DropReason::too_big);
  network.refuse_open = DropReason::flow_table_full;
  EXPECT_EQ(send(from_client("100.96.0.1", 4001, "172.16.10.120", 53).build()),
            DropReason::flow_table_full);
}

struct Family {
  const char* name;
  const char* client;
  const char* host;
  const char* remote;
  const char* router;
  std::uint8_t exceeded, unreachable;
};
const Family kFamilies[] = {
    {"v4", "100.96.0.1", "10.20.30.40", "10.20.30.40:33434", "10.20.1.1", 11, 3},
    {"v6", "fd00:64::1", "fd00:20::40", "[fd00:20::40]:33434", "fd00:20:1::1", 3, 1}};

class UdpErrors : public UdpProxyTest {
 protected:
  // A probe of traceroute's, as the client sends it and as it is quoted when its hop limit ran out.
  ByteVector probe(const Family& f, int hop_limit, const ByteVector& payload = pattern(32)) {
    auto builder = from_client(f.client, 4000, f.host, 33434, payload);
    builder.hop_limit(hop_limit).traffic_class(0xb8).dont_fragment();
    if (address(f.client).is_v4()) builder.identification(0xbeef);
    auto packet = builder.build();
    if (packet[0] >> 4 == 6) packet[3] = 0x42;  // a flow label
    return packet;
  }
  UdpError exceeded(const Family& f, const ByteVector& payload) {
    return {.offender = address(f.router),
            .destination = at(f.remote),
            .type = f.exceeded,
            .code = 0,
            .parameter = 0,
            .hop_limit = 63,
            .traffic_class = 0xc0,
            .payload = payload,
            .extensions = {}};
  }
  std::uint64_t dropped(DropReason why) { return proxy->error_counters().dropped(why); }
};

TEST_F(UdpErrors, ComeBackAboutTheClientsOwnPacket) {
  for (const Family& f : kFamilies) {
    SCOPED_TRACE(f.name);
    make();
    events.answers.clear();
    ASSERT_EQ(send(probe(f, 2), 3), std::nullopt);
    proxy->on_udp_error(network.sent.back().socket, exceeded(f, pattern(32)), Time(2s));
    ASSERT_EQ(events.answers.size(), 1u);
    EXPECT_EQ(events.answers[0].tag, 3);
    const ByteVector& packet = events.answers[0].packet;
    EXPECT_TRUE(test::icmp_packet_checksums_right(packet));
    const auto ip = IpView::parse(packet).value();
    const auto icmp = IcmpView::parse(ip).value();
    EXPECT_EQ(ip.source(), address(f.router));
    EXPECT_EQ(ip.destination(), address(f.client));
    EXPECT_EQ(ip.hop_limit(), 63);
    EXPECT_EQ(icmp.type, f.exceeded);
    EXPECT_EQ(vector_of(icmp.payload), probe(f, 1)) << "byte for byte";
    EXPECT_EQ(quoted_udp(ip, icmp)->source, (SocketAddress{address(f.client), 4000}));
  }
}

// mtr with both ports fixed, and Paris traceroute: all of one flow, and under way together.
TEST_F(UdpErrors, EachIsAboutTheProbeThatItQuotes) {
  for (const Family& f : kFamilies) {
    SCOPED_TRACE(f.name);
    make();
    events.answers.clear();
    const auto payload = [](int hop) {
      ByteVector bytes = pattern(32);
      bytes[0] = static_cast<std::uint8_t>(hop);
      return bytes;
    };
    for (int hop = 2; hop < 12; ++hop) ASSERT_EQ(send(probe(f, hop, payload(hop))), std::nullopt);
    for (int hop = 2; hop < 12; ++hop) {
      for (int copy = 0; copy < 4; ++copy) {
        proxy->on_udp_error(network.sent.back().socket, exceeded(f, payload(hop)), Time(2s));
      }
      ASSERT_EQ(events.answers.size(), 3u * static_cast<std::size_t>(hop - 1)) << "few of each";
      const auto ip = IpView::parse(events.answers.back().packet).value();
      EXPECT_EQ(vector_of(IcmpView::parse(ip)->payload), probe(f, 1, payload(hop))) << hop;
    }
  }
}

TEST_F(UdpErrors, AQuoteThatIsShortIsEnough) {
  make();
  const Family& f = kFamilies[0];
  ASSERT_EQ(send(probe(f, 20)), std::nullopt);
  UdpError error = exceeded(f, pattern(0));
  error.type = f.unreachable;
  error.code = 3;
  proxy->on_udp_error(0, error, Time(2s));
  ASSERT_EQ(events.answers.size(), 1u);
  const auto ip = IpView::parse(events.answers[0].packet).value();
  const auto quote = IpView::parse_quoted(IcmpView::parse(ip)->payload).value();
  EXPECT_EQ(quote.bytes().size(), 28u);
  EXPECT_EQ(quote.hop_limit(), 20);
  EXPECT_EQ(load_be16(&quote.bytes()[2]), 60) << "but the length is the packet's";
}

TEST_F(UdpErrors, ThatNobodyCausedAreDropped) {
  make();
  const Family& f = kFamilies[0];
  ASSERT_EQ(send(probe(f, 2)), std::nullopt);
  const auto tell = [&](auto change) {
    UdpError error = exceeded(f, pattern(32));
    change(error);
    proxy->on_udp_error(0, error, Time(2s));
  };
  tell([](UdpError& e) { e.destination = at("10.20.30.40:33435"); });
  tell([](UdpError& e) { e.destination = at("10.20.30.41:33434"); });
  EXPECT_EQ(dropped(DropReason::no_flow), 2u);
  tell([](UdpError& e) { e.type = 5; });
  tell([](UdpError& e) { e.type = 4; });
  EXPECT_EQ(dropped(DropReason::not_reply_or_error), 2u);
  tell([](UdpError& e) { e.offender = address("169.254.1.1"); });
  tell([](UdpError& e) { e.offender = address("fd00::1"); });
  tell([](UdpError& e) { e.offender = address("0.0.0.0"); });
  EXPECT_EQ(dropped(DropReason::source_refused), 3u);
  EXPECT_TRUE(events.answers.empty());
}

TEST_F(UdpErrors, AboutOneDatagramAreFew) {
  make();
  const Family& f = kFamilies[1];
  for (int round = 1; round <= 2; ++round) {
    ASSERT_EQ(send(probe(f, 2)), std::nullopt);
    for (int i = 0; i < 5; ++i) proxy->on_udp_error(0, exceeded(f, pattern(32)), Time(2s));
    EXPECT_EQ(events.answers.size(), 3u * round);
    EXPECT_EQ(dropped(DropReason::error_repeated), 2u * round);
  }
}

TEST_F(UdpErrors, OfRoutersStayBehindAHiddenPath) {
  for (const Family& f : kFamilies) {
    SCOPED_TRACE(f.name);
    make();
    events.answers.clear();
    proxy->hide_path(true);
    ASSERT_EQ(send(probe(f, 2)), std::nullopt);
    EXPECT_EQ(network.sent.back().hop_limit, std::nullopt);
    proxy->on_udp_error(0, exceeded(f, pattern(32)), Time(2s));
    EXPECT_TRUE(events.answers.empty());
    EXPECT_EQ(dropped(DropReason::path_hidden), 1u);
    const auto payload = pattern(32);
    UdpError own = exceeded(f, payload);
    own.offender = own.destination.address;
    own.type = f.unreachable;
    own.code = f.unreachable == 3 ? 3 : 4;
    proxy->on_udp_error(0, own, Time(2s));
    EXPECT_EQ(events.answers.size(), 1u) << "what the destination says of itself";
    proxy->hide_path(false);
    ASSERT_EQ(send(probe(f, 2)), std::nullopt);
    proxy->on_udp_error(0, exceeded(f, pattern(32)), Time(2s));
    EXPECT_EQ(events.answers.size(), 2u);
  }
}

TEST_F(UdpErrors, KeepNoFlowAlive) {
  make();
  const Family& f = kFamilies[0];
  ASSERT_EQ(send(probe(f, 2)), std::nullopt);
  proxy->on_udp_error(0, exceeded(f, pattern(32)), Time(200s));
  EXPECT_EQ(proxy->next_deadline(), Time(301s));
}

TEST_F(UdpErrors, AboutASessionHaveNoWay) {
  make();
  ASSERT_EQ(proxy->open_session(kSession, at(kFamilies[0].remote), 30s, 0, Time(1s)), std::nullopt);
  proxy->on_udp_error(0, exceeded(kFamilies[0], {}), Time(2s));
  EXPECT_EQ(dropped(DropReason::session_error), 1u);
  EXPECT_FALSE(proxy->on_udp_failure(
      0, {.destination = at(kFamilies[0].remote), .reason = DropReason::no_route, .payload = {}},
      Time(2s)));
  EXPECT_EQ(proxy->send_session(kSession, pattern(1), Time(2s)), std::nullopt) << "it lives on";
}

TEST_F(UdpErrors, WhatThisHostCouldNotSendIsToldAsItCameIn) {
  for (const Family& f : kFamilies) {
    SCOPED_TRACE(f.name);
    make();
    events.undeliverable.clear();
    ASSERT_EQ(send(probe(f, 20), 2), std::nullopt);
    EXPECT_TRUE(proxy->on_udp_failure(0,
                                      {.destination = at(f.remote),
                                       .reason = DropReason::too_big,
                                       .mtu = 1300,
                                       .payload = pattern(32)},
                                      Time(2s)));
    ASSERT_EQ(events.undeliverable.size(), 1u);
    EXPECT_EQ(events.undeliverable[0].packet, probe(f, 21));
    EXPECT_EQ(events.undeliverable[0].reason, DropReason::too_big);
    EXPECT_EQ(events.undeliverable[0].mtu, 1300u);
    EXPECT_EQ(events.undeliverable[0].tag, 2);
    EXPECT_FALSE(proxy->on_udp_failure(
        7, {.destination = at(f.remote), .reason = DropReason::no_route, .payload = {}}, Time(2s)));
  }
}

TEST_F(UdpProxyTest, ASessionCarriesPayloadsBothWays) {
  make();
  ASSERT_EQ(proxy->open_session(kSession, at("172.16.10.120:53"), 210s, 2, Time(1s)), std::nullopt);
  EXPECT_EQ(network.is_open.size(), 1u);
  ASSERT_EQ(proxy->send_session(kSession, pattern(9), Time(1s)), std::nullopt);
  ASSERT_EQ(network.sent.size(), 1u);
  EXPECT_EQ(network.sent[0].destination, at("172.16.10.120:53"));
  EXPECT_EQ(network.sent[0].hop_limit, std::nullopt) << "the system's own";
  EXPECT_EQ(network.sent[0].payload, pattern(9));
  answer(network.sent[0].socket, "172.16.10.120:53", pattern(7));
  answer(network.sent[0].socket, "172.16.10.120:54", pattern(7));
  ASSERT_EQ(events.session_answers.size(), 1u);
  EXPECT_EQ(events.session_answers[0].session, kSession);
  EXPECT_EQ(events.session_answers[0].payload, pattern(7));
  EXPECT_EQ(events.session_answers[0].tag, 2);
  EXPECT_TRUE(events.answers.empty());
}

TEST_F(UdpProxyTest, AnAnswerThatDoesNotFitEndsNoSession) {
  make();
  ASSERT_EQ(proxy->open_session(kSession, at("172.16.10.120:53"), 210s, 0, Time(1s)), std::nullopt);
  events.refuse_session_answer = DropReason::too_big;
  answer(0, "172.16.10.120:53", ByteVector(1400));
  EXPECT_EQ(proxy->session_reply_counters().dropped(DropReason::too_big), 1u);
  events.refuse_session_answer.reset();
  answer(0, "172.16.10.120:53", ByteVector(100));
  EXPECT_EQ(proxy->session_reply_counters().forwarded(), 1u);
}

TEST_F(UdpProxyTest, ASessionMovesToWhereItIsOpenedAgain) {
  make();
  const auto open = [&](const char* remote, std::uint8_t tag) {
    return proxy->open_session(kSession, at(remote), 210s, tag, Time(1s));
  };
  ASSERT_EQ(open("172.16.10.120:53", 0), std::nullopt);
  ASSERT_EQ(open("172.16.10.120:53", 3), std::nullopt);
  EXPECT_EQ(network.opened, 1u) << "with the same socket";
  answer(0, "172.16.10.120:53");
  ASSERT_EQ(events.session_answers.size(), 1u);
  EXPECT_EQ(events.session_answers[0].tag, 3);
  EXPECT_EQ(open("172.16.10.121:53", 1), DropReason::reply_mismatch) << "another remote end";
  EXPECT_EQ(network.is_open.size(), 1u);
}

TEST_F(UdpProxyTest, ASessionEnds) {
  make();
  ASSERT_EQ(proxy->open_session(kSession, at("172.16.10.120:53"), 30s, 0, Time(1s)), std::nullopt);
  proxy->close_session(kSession);
  proxy->close_session(kSession);
  EXPECT_TRUE(network.is_open.empty());
  EXPECT_EQ(proxy->send_session(kSession, pattern(1), Time(1s)), DropReason::no_flow);

  ASSERT_EQ(proxy->open_session(kSession, at("172.16.10.120:53"), 30s, 0, Time(1s)), std::nullopt);
  EXPECT_EQ(proxy->send_session(kSession, pattern(1), Time(31s)), DropReason::no_flow);
  ASSERT_EQ(proxy->open_session(kSession, at("172.16.10.121:53"), 30s, 0, Time(31s)), std::nullopt)
      << "its name is free again";
  EXPECT_EQ(proxy->next_deadline(), Time(61s));
  EXPECT_TRUE(events.over.empty());
  proxy->on_time(Time(61s));
  EXPECT_TRUE(network.is_open.empty());
  EXPECT_EQ(events.over, std::vector{kSession});
}

TEST_F(UdpProxyTest, SessionsAreRefusedLikePackets) {
  make();
  network.sockets = 1;
  make();
  EXPECT_EQ(proxy->open_session(kSession, at("127.0.0.1:53"), 30s, 0, Time(1s)),
            DropReason::destination_refused);
  ASSERT_EQ(proxy->open_session(kSession, at("172.16.10.1:53"), 30s, 0, Time(1s)), std::nullopt);
  EXPECT_EQ(proxy->open_session(Uuid{9}, at("172.16.10.1:53"), 30s, 0, Time(1s)),
            DropReason::flow_table_full);
}

// Many clients, ports and destinations at random: no answer ever reaches anybody else than the one
// who sent to where it comes from.
RC_GTEST_PROP(UdpProxyProperty, NothingCrosses, ()) {
  FakeUdpNetwork network;
  PacketPool pool;
  Recorder events;
  SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
  UdpProxy proxy({}, network, pool, events, random);
  const auto client_of = [](std::uint32_t i) { return IpAddress::v4(0x64600001 + i); };
  const auto host_of = [](std::uint32_t i) { return IpAddress::v4(0xac100a01 + i); };
  struct Asked {
    SocketAddress client;
    SocketAddress remote;
  };
  std::vector<Asked> asked;
  for (int i = 0; i < 60; ++i) {
    const Asked a{{client_of(*rc::gen::inRange(0u, 3u)), *rc::gen::inRange<std::uint16_t>(1, 4)},
                  {host_of(*rc::gen::inRange(0u, 3u)), *rc::gen::inRange<std::uint16_t>(1, 4)}};
    const auto packet = PacketBuilder(a.client.address, a.remote.address)
                            .udp(a.client.port, a.remote.port, {static_cast<std::uint8_t>(i)})
                            .build();
    const auto ip = IpView::parse(packet).value();
    RC_ASSERT(!proxy.send(ip, UdpView::parse(ip).value(), 0, Time(1s)));
    asked.push_back(a);
  }
  // Every datagram comes back from where it went, with its own payload.
  for (const auto& sent : network.sent) {
    events.answers.clear();
    proxy.on_udp_reply(
        sent.socket,
        {.source = sent.destination, .hop_limit = 64, .traffic_class = 0, .payload = sent.payload},
        Time(2s));
    RC_ASSERT(events.answers.size() == 1u);
    const auto ip = IpView::parse(events.answers[0].packet).value();
    const auto udp = UdpView::parse(ip).value();
    const Asked& a = asked[udp.payload[0]];
    RC_ASSERT((SocketAddress{ip.destination(), udp.ports.destination} == a.client));
    RC_ASSERT((SocketAddress{ip.source(), udp.ports.source} == a.remote));
  }
  // One socket for each client's port.
  std::map<SocketAddress, UdpSocketId> sockets;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto [known, _] = sockets.try_emplace(asked[i].client, network.sent[i].socket);
    RC_ASSERT(known->second == network.sent[i].socket);
  }
  RC_ASSERT(sockets.size() == network.is_open.size());
}

}  // namespace
}  // namespace oneping
