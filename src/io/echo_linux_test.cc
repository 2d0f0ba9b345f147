#include "io/echo_linux.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <set>
#include <vector>

#include "io/echo_outcomes.h"
#include "io/echo_test_namespace.h"
#include "io/ping_permission.h"
#include "io/socket_address.h"
#include "io/testing/echo_network.h"
#include "proxy/echo_proxy.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip.h"

namespace oneping {
namespace {

using testing_support::Inbox;
using testing_support::kOriginV6;
using testing_support::kPatience;
using testing_support::name_of;
using testing_support::origin;
using testing_support::payload_number;
using testing_support::Router;
using testing_support::set_loopback_mtu;
using testing_support::set_ping_group_range;
using testing_support::Wire;

// A backend, and a poll loop in place of the event loop.
struct Backend {
  explicit Backend(std::uint16_t channels = 1) : echo({.channels = channels}, *host, random) {}

  std::optional<DropReason> send(const EchoSlot& slot, const IpAddress& to, Bytes payload,
                                 std::uint8_t hop_limit = 64, std::uint8_t traffic_class = 0) {
    return echo.send(slot,
                     {.destination = to,
                      .hop_limit = hop_limit,
                      .traffic_class = traffic_class,
                      .payload = payload},
                     Time{});
  }

  void read_all(EchoReplies& to) {
    for (std::size_t i = 0; i < echo.sockets().size(); ++i) {
      while (echo.on_readable(i, to, Time{})) {
      }
    }
  }

  // Until so many messages have been read in all, or patience ends.
  void wait_for(std::uint64_t messages, EchoReplies& to) {
    echo.flush(to, Time{});
    std::vector<pollfd> fds;
    for (const EchoSocket& socket : echo.sockets()) fds.push_back({socket.fd.get(), POLLIN, 0});
    do {
      read_all(to);
    } while (echo.receive_counters().in() < messages &&
             poll(fds.data(), fds.size(), kPatience) > 0);
  }

  SeededRandom random{7};
  Result<HostAddresses> host = HostAddresses::open();
  EchoLinux echo;
};

TEST(EchoLinuxClosedTest, AClosedRangeIsDiagnosed) {
  if (!testing_support::enter_new_network()) GTEST_SKIP() << "no namespaces here";
  Backend backend;
  EXPECT_EQ(backend.echo.channels(EchoChannelKind::v4_dont_fragment), 0);
  EXPECT_EQ(backend.echo.channels(EchoChannelKind::v4_may_fragment), 0);
  EXPECT_EQ(backend.echo.channels(EchoChannelKind::v6_dont_fragment), 0);
  EXPECT_EQ(backend.echo.channels(EchoChannelKind::v6_may_fragment), 0);
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    ASSERT_EQ(backend.echo.open_error(family), EACCES);
    const auto diagnosis = diagnose_ping(family, EACCES, gather_ping_facts());
    EXPECT_NE(diagnosis.cause.find("leaves out this process"), std::string::npos)
        << diagnosis.cause;
  }
}

class EchoLinuxTest : public testing::TestWithParam<EchoChannelKind> {
 protected:
  void SetUp() override {
    if (!testing_support::enter_new_network()) GTEST_SKIP() << "no namespaces here";
    ASSERT_TRUE(set_ping_group_range("0 0"));
  }
};

TEST_F(EchoLinuxTest, IdsAreExclusiveAndSpreadOverTheKernelsBuckets) {
  Backend backend(16);
  std::set<int> buckets;
  for (const EchoSocket& socket : backend.echo.sockets()) {
    buckets.insert(socket.id % kPingBuckets);
    const Fd thief(::socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
    sockaddr_storage storage{};
    const socklen_t size = to_sockaddr({IpAddress::v4(0), socket.id}, storage);
    EXPECT_NE(bind(thief.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
    EXPECT_EQ(errno, EADDRINUSE);
  }
  EXPECT_EQ(buckets.size(), 64u);
  EXPECT_EQ(backend.echo.open_error(IpFamily::v4), 0);
  EXPECT_EQ(backend.echo.open_error(IpFamily::v6), 0);
}

TEST_P(EchoLinuxTest, TellsEverySequenceOfEveryChannelApart) {
  constexpr std::uint32_t kChannels = 2;
  constexpr std::uint32_t kTotal = kChannels * kSequencesPerChannel;
  constexpr std::uint32_t kWindow = 1024;
  Backend backend(kChannels);
  Inbox inbox;
  for (std::uint32_t n = 0; n < kTotal; ++n) {
    const EchoSlot slot{GetParam(), static_cast<std::uint16_t>(n / kSequencesPerChannel),
                        static_cast<std::uint16_t>(n)};
    ASSERT_EQ(backend.send(slot, origin(GetParam()), payload_number(n, 4)), std::nullopt);
    if (n % kWindow == kWindow - 1) backend.wait_for(n + 1, inbox);
  }
  ASSERT_EQ(inbox.replies.size(), kTotal);
  std::vector<bool> seen(kTotal);
  for (const auto& reply : inbox.replies) {
    const std::size_t n = reply.slot.channel * kSequencesPerChannel + reply.slot.sequence;
    ASSERT_LT(n, kTotal);
    ASSERT_FALSE(seen[n]);
    seen[n] = true;
    ASSERT_EQ(reply.slot.kind, GetParam());
    ASSERT_EQ(reply.source, origin(GetParam()));
    ASSERT_EQ(reply.payload, payload_number(static_cast<std::uint32_t>(n), 4));
  }
  EXPECT_EQ(backend.echo.send_counters().forwarded(), kTotal);
  EXPECT_EQ(backend.echo.receive_counters().forwarded(), kTotal);
  EXPECT_EQ(backend.echo.kernel_drops(), 0u);
}

TEST_P(EchoLinuxTest, PayloadsComeBackByteForByte) {
  Backend backend;
  Inbox inbox;
  const std::size_t sizes[] = {0,
                               1,
                               7,
                               56,
                               1000,
                               1232,
                               EchoSendBatch::kMaxPayloadSize,
                               EchoSendBatch::kMaxPayloadSize + 1,
                               8000,
                               20000,
                               65000};
  std::uint16_t sequence = 0;
  for (const std::size_t size : sizes) {
    ASSERT_EQ(
        backend.send({GetParam(), 0, sequence}, origin(GetParam()), payload_number(sequence, size)),
        std::nullopt);
    ++sequence;
  }
  backend.wait_for(sequence, inbox);
  ASSERT_EQ(inbox.replies.size(), sequence);
  for (const auto& reply : inbox.replies) {
    EXPECT_EQ(reply.payload, payload_number(reply.slot.sequence, sizes[reply.slot.sequence]));
  }
}

TEST_P(EchoLinuxTest, OversizedPayloadsAreRefused) {
  Backend backend;
  const std::vector<std::uint8_t> payload(max_echo_payload(family_of(GetParam())) + 1);
  EXPECT_EQ(backend.send({GetParam(), 0, 1}, origin(GetParam()), payload), DropReason::too_big);
  EXPECT_EQ(backend.echo.send_counters().dropped(DropReason::too_big), 1u);
  EXPECT_EQ(backend.echo.send_counters().held(), 0u);
}

TEST_P(EchoLinuxTest, TheLargestPayloadComesBack) {
  Backend backend;
  Inbox inbox;
  const auto payload = payload_number(7, max_echo_payload(family_of(GetParam())));
  ASSERT_EQ(backend.send({GetParam(), 0, 1}, origin(GetParam()), payload), std::nullopt);
  backend.wait_for(1, inbox);
  if (GetParam() == EchoChannelKind::v6_dont_fragment) {
    ASSERT_EQ(inbox.failures.size(), 1u) << "larger than loopback's MTU of 65536";
    EXPECT_EQ(inbox.failures[0].failure.reason, DropReason::too_big);
    return;
  }
  ASSERT_EQ(inbox.replies.size(), 1u);
  EXPECT_EQ(inbox.replies[0].payload, payload);
}

// Small ones wait in a batch while large ones go at once; each gets its own reply.
TEST_P(EchoLinuxTest, LargeAndSmallOnesDoNotMix) {
  Backend backend;
  Inbox inbox;
  for (std::uint16_t sequence = 0; sequence < 100; ++sequence) {
    const std::size_t size = sequence % 3 == 0 ? 5000u + sequence : sequence;
    ASSERT_EQ(
        backend.send({GetParam(), 0, sequence}, origin(GetParam()), payload_number(sequence, size)),
        std::nullopt);
  }
  backend.wait_for(100, inbox);
  ASSERT_EQ(inbox.replies.size(), 100u);
  for (const auto& reply : inbox.replies) {
    const std::uint16_t n = reply.slot.sequence;
    EXPECT_EQ(reply.payload, payload_number(n, n % 3 == 0 ? 5000u + n : n));
  }
}

TEST_P(EchoLinuxTest, HopLimitTrafficClassAndDontFragmentAreThoseOfTheRequest) {
  struct Case {
    std::uint8_t hop_limit;
    std::uint8_t traffic_class;
  };
  for (const auto& [hop_limit, traffic_class] : {Case{1, 0}, Case{37, 0xb8}, Case{255, 0xff}}) {
    Backend backend;
    Inbox inbox;
    Wire wire;
    ASSERT_EQ(backend.send({GetParam(), 0, 0x1234}, origin(GetParam()), payload_number(1, 20),
                           hop_limit, traffic_class),
              std::nullopt);
    backend.wait_for(1, inbox);
    const auto bytes = wire.next_echo_request();
    ASSERT_TRUE(bytes);
    const auto ip = IpView::parse(*bytes);
    const auto icmp = IcmpView::parse(*ip);
    EXPECT_EQ(ip->hop_limit(), hop_limit);
    EXPECT_EQ(ip->traffic_class(), traffic_class);
    EXPECT_EQ(ip->dont_fragment(), GetParam() != EchoChannelKind::v4_may_fragment)
        << "IPv6 says so only of what is in pieces";
    EXPECT_EQ(icmp->sequence, 0x1234);

    ASSERT_EQ(inbox.replies.size(), 1u);
    EXPECT_EQ(inbox.replies[0].hop_limit, 64) << "the origin's own, not ours";
    EXPECT_EQ(inbox.replies[0].traffic_class, traffic_class) << "the kernel answers in kind";
  }
}

TEST_P(EchoLinuxTest, WithoutAHopLimitTheSystemsOwnIsTaken) {
  struct Case {
    std::optional<std::uint8_t> hop_limit;
    std::uint8_t expected;
  };
  Backend backend;
  for (const auto& [hop_limit, expected] : {Case{5, 5}, Case{std::nullopt, 64}, Case{7, 7}}) {
    Inbox inbox;
    Wire wire;
    ASSERT_EQ(backend.echo.send({GetParam(), 0, 1},
                                {.destination = origin(GetParam()),
                                 .hop_limit = hop_limit,
                                 .traffic_class = 0xb8,
                                 .payload = payload_number(1, 20)},
                                Time{}),
              std::nullopt);
    backend.wait_for(backend.echo.receive_counters().in() + 1, inbox);
    const auto bytes = wire.next_echo_request();
    ASSERT_TRUE(bytes);
    EXPECT_EQ(IpView::parse(*bytes)->hop_limit(), expected);
    EXPECT_EQ(IpView::parse(*bytes)->traffic_class(), 0xb8);
  }
}

TEST_P(EchoLinuxTest, ABadRequestHurtsNoOther) {
  Backend backend;
  Inbox inbox;
  const bool v4 = family_of(GetParam()) == IpFamily::v4;
  const IpAddress nowhere = *IpAddress::parse(v4 ? "192.0.2.1" : "2001:db8::1");
  for (std::uint16_t sequence = 0; sequence < 6; ++sequence) {
    const IpAddress to = sequence % 2 == 0 ? nowhere : origin(GetParam());
    ASSERT_EQ(backend.send({GetParam(), 0, sequence}, to, payload_number(1, 8)), std::nullopt);
  }
  EXPECT_EQ(backend.echo.send_counters().held(), 6u);
  backend.wait_for(3, inbox);
  EXPECT_EQ(inbox.replies.size(), 3u);
  EXPECT_EQ(backend.echo.send_counters().forwarded(), 3u);
  EXPECT_EQ(backend.echo.send_counters().dropped(DropReason::no_route), 3u);
  EXPECT_EQ(backend.echo.send_counters().held(), 0u);

  ASSERT_EQ(inbox.failures.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(inbox.failures[i].slot, (EchoSlot{GetParam(), 0, static_cast<std::uint16_t>(2 * i)}));
    EXPECT_EQ(inbox.failures[i].failure.destination, nowhere);
    EXPECT_EQ(inbox.failures[i].failure.reason, DropReason::no_route);
    EXPECT_FALSE(inbox.failures[i].failure.was_sent);
    EXPECT_EQ(inbox.failures[i].payload, payload_number(1, 8));
  }
  inbox.tells_failures = true;
  ASSERT_EQ(backend.send({GetParam(), 0, 7}, nowhere, payload_number(1, 8)), std::nullopt);
  backend.echo.flush(inbox, Time{});
  EXPECT_EQ(backend.echo.send_counters().answered(DropReason::no_route), 1u);
}

TEST_P(EchoLinuxTest, ManyBadRequestsAreAllCounted) {
  Backend backend;
  Inbox inbox;
  const bool v4 = family_of(GetParam()) == IpFamily::v4;
  const IpAddress nowhere = *IpAddress::parse(v4 ? "192.0.2.1" : "2001:db8::1");
  constexpr std::size_t kMany = 3 * EchoSendFailures::kMax;
  for (std::uint16_t sequence = 0; sequence < kMany; ++sequence) {
    ASSERT_EQ(backend.send({GetParam(), 0, sequence}, nowhere, payload_number(1, 2000)),
              std::nullopt);
  }
  backend.echo.flush(inbox, Time{});
  EXPECT_EQ(inbox.failures.size(), EchoSendFailures::kMax) << "the others are silence";
  EXPECT_EQ(backend.echo.send_counters().dropped(DropReason::no_route), kMany);
}

TEST_F(EchoLinuxTest, TheKernelRefusesBroadcast) {
  Backend backend;
  const IpAddress broadcast = *IpAddress::parse("127.255.255.255");
  ASSERT_EQ(backend.send({EchoChannelKind::v4_dont_fragment, 0, 1}, broadcast, {}), std::nullopt);
  Inbox inbox;
  backend.echo.flush(inbox, Time{});
  EXPECT_EQ(backend.echo.send_counters().dropped(DropReason::destination_refused), 1u);
}

TEST_P(EchoLinuxTest, OnlyWhatMayBeFragmentedExceedsTheMtu) {
  ASSERT_TRUE(set_loopback_mtu(1300));
  Backend backend;
  Inbox inbox;
  ASSERT_EQ(backend.send({GetParam(), 0, 1}, origin(GetParam()), payload_number(1, 1400)),
            std::nullopt);
  ASSERT_EQ(backend.send({GetParam(), 0, 2}, origin(GetParam()), payload_number(2, 1200)),
            std::nullopt);
  const bool fragments = GetParam() == EchoChannelKind::v4_may_fragment ||
                         GetParam() == EchoChannelKind::v6_may_fragment;
  backend.wait_for(fragments ? 2 : 1, inbox);
  EXPECT_EQ(inbox.replies.size(), fragments ? 2u : 1u);
  EXPECT_EQ(backend.echo.send_counters().dropped(DropReason::too_big), fragments ? 0u : 1u);
  ASSERT_EQ(inbox.failures.size(), fragments ? 0u : 1u);
  if (!fragments) EXPECT_EQ(inbox.failures[0].failure.mtu, 1300u);
}

// A request that has gone out and been answered, and the packet that it was.
struct Asked {
  Asked(Backend& backend, EchoChannelKind kind, std::uint16_t sequence, std::size_t size = 56) {
    Inbox inbox;
    Wire wire;
    const auto before = backend.echo.receive_counters().in();
    EXPECT_EQ(backend.send({kind, 0, sequence}, origin(kind), payload_number(sequence, size)),
              std::nullopt);
    backend.wait_for(before + 1, inbox);
    packet = wire.next_echo_request().value();
  }
  std::vector<std::uint8_t> packet;
};

TEST_P(EchoLinuxTest, ErrorsAreToldAsTheRouterSaidThem) {
  Backend backend;
  Inbox inbox;
  const bool v4 = family_of(GetParam()) == IpFamily::v4;
  const Router router(family_of(GetParam()));
  const Asked asked(backend, GetParam(), 0x1234);
  struct Case {
    std::uint8_t type, code;
    std::uint32_t rest, parameter;
  };
  const Case v4_cases[] = {{11, 0, 0, 0}, {3, 0, 0, 0},  {3, 1, 0, 0},
                           {3, 13, 0, 0}, {3, 15, 0, 0}, {12, 0, 8u << 24, 8}};
  const Case frag_needed{3, 4, 1300, 1300};
  const Case v6_cases[] = {{3, 0, 0, 0}, {3, 1, 0, 0},       {1, 0, 0, 0},  {1, 1, 0, 0},
                           {1, 4, 0, 0}, {2, 0, 1300, 1300}, {4, 1, 40, 40}};
  std::vector<Case> cases;
  if (v4) {
    cases.assign(std::begin(v4_cases), std::end(v4_cases));
    // Who lets routers fragment does not hear that they would have to.
    if (GetParam() == EchoChannelKind::v4_dont_fragment) cases.push_back(frag_needed);
  } else {
    cases.assign(std::begin(v6_cases), std::end(v6_cases));
  }
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << int{c.type} << "/" << int{c.code});
    inbox.errors.clear();
    router.send(c.type, c.code, c.rest, asked.packet);
    backend.wait_for(backend.echo.receive_counters().in() + 1, inbox);
    ASSERT_EQ(inbox.errors.size(), 1u);
    const auto& [slot, error, payload, extensions] = inbox.errors[0];
    EXPECT_EQ(slot, (EchoSlot{GetParam(), 0, 0x1234}));
    EXPECT_EQ(error.offender, router.address());
    EXPECT_EQ(error.destination, origin(GetParam()));
    EXPECT_EQ(error.type, c.type);
    EXPECT_EQ(error.code, c.code);
    EXPECT_EQ(error.parameter, c.parameter);
    EXPECT_EQ(error.hop_limit, 64);
    EXPECT_EQ(payload, payload_number(0x1234, 56));
    EXPECT_TRUE(extensions.empty());
  }
}

TEST_P(EchoLinuxTest, ExtensionsOfErrorsAreTold) {
  const bool v4 = family_of(GetParam()) == IpFamily::v4;
  const std::vector<std::uint8_t> mpls = {0x20, 0x00, 0x5d, 0xb7, 0x00, 0x08,
                                          0x01, 0x01, 0x00, 0x3e, 0x81, 0x01};
  Backend backend;
  Inbox inbox;
  const Asked asked(backend, GetParam(), 7);
  auto quote = asked.packet;
  quote.resize(128);
  quote.insert(quote.end(), mpls.begin(), mpls.end());
  // The length is in words of 4 bytes in the second byte, or of 8 in the first (RFC 4884, 4).
  const std::uint32_t length = v4 ? 32u << 16 : 16u << 24;
  const Router router(family_of(GetParam()));
  router.send(v4 ? 11 : 3, 0, length, quote);
  router.send(v4 ? 11 : 3, 0, 0, quote);  // as before RFC 4884
  backend.wait_for(backend.echo.receive_counters().in() + 2, inbox);
  ASSERT_EQ(inbox.errors.size(), 2u);
  for (const auto& error : inbox.errors) {
    EXPECT_EQ(error.extensions, mpls);
    ASSERT_GE(error.payload.size(), 56u);
    EXPECT_EQ(std::vector(error.payload.begin(), error.payload.begin() + 56),
              payload_number(7, 56));
  }
}

TEST_P(EchoLinuxTest, AQuoteOfEightBytesNamesTheRequest) {
  Backend backend;
  Inbox inbox;
  const bool v4 = family_of(GetParam()) == IpFamily::v4;
  auto quote = Asked(backend, GetParam(), 9).packet;
  quote.resize((v4 ? kIpv4HeaderSize : kIpv6HeaderSize) + kIcmpHeaderSize);
  const Router router(family_of(GetParam()));
  router.send(v4 ? 11 : 3, 0, 0, quote);
  backend.wait_for(backend.echo.receive_counters().in() + 1, inbox);
  ASSERT_EQ(inbox.errors.size(), 1u);
  EXPECT_EQ(inbox.errors[0].slot.sequence, 9);
  EXPECT_TRUE(inbox.errors[0].payload.empty());
}

// The first error that waits makes the next call on the socket fail, whatever that is about.
TEST_P(EchoLinuxTest, ErrorsAboutOneRequestHurtNoOther) {
  Backend backend;
  Inbox inbox;
  const bool v4 = family_of(GetParam()) == IpFamily::v4;
  const Asked asked(backend, GetParam(), 1);
  const Router router(family_of(GetParam()));
  constexpr std::uint16_t kRounds = 200;
  for (std::uint16_t round = 0; round < kRounds; ++round) {
    for (int i = 0; i < 3; ++i) router.send(v4 ? 11 : 3, 0, 0, asked.packet);
    ASSERT_EQ(backend.send({GetParam(), 0, static_cast<std::uint16_t>(round + 100)},
                           origin(GetParam()), payload_number(round, 8)),
              std::nullopt);
    backend.echo.flush(inbox, Time{});
  }
  backend.wait_for(backend.echo.receive_counters().in() + 4 * kRounds, inbox);
  EXPECT_EQ(backend.echo.send_counters().dropped(), 0u);
  EXPECT_EQ(inbox.replies.size(), kRounds);
  EXPECT_EQ(inbox.errors.size(), 3u * kRounds);
}

TEST_F(EchoLinuxTest, ErrorsThatAreNoneAboutOurRequestsAreDropped) {
  Backend backend;
  Inbox inbox;
  const Asked asked(backend, EchoChannelKind::v4_dont_fragment, 1);
  const Router router(IpFamily::v4);
  auto other = asked.packet;
  other[kIpv4HeaderSize + 5] ^= 1;  // another id: the kernel knows no such socket
  router.send(11, 0, 0, other);
  auto reply = asked.packet;
  reply[kIpv4HeaderSize] = 0;  // quotes an echo reply with our id
  router.send(11, 0, 0, reply);
  router.send(11, 0, 0, asked.packet);
  backend.wait_for(backend.echo.receive_counters().in() + 1, inbox);
  EXPECT_EQ(inbox.errors.size(), 1u);
  EXPECT_EQ(backend.echo.receive_counters().dropped(),
            backend.echo.receive_counters().dropped(DropReason::no_flow));
}

TEST_F(EchoLinuxTest, WhatIsNoEchoReplyIsDroppedWithAReason) {
  Backend backend;
  Inbox inbox;
  const EchoSocket& socket = backend.echo.sockets()[0];
  const Fd forger(::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  const auto forge = [&](std::uint8_t code, std::size_t payload_size) {
    std::vector<std::uint8_t> icmp(kIcmpHeaderSize + payload_size);
    icmp[1] = code;
    store_be16(&icmp[4], socket.id);
    store_be16(&icmp[6], 9);
    store_be16(&icmp[2], checksum(icmp));
    sockaddr_storage storage{};
    const socklen_t size = to_sockaddr({*IpAddress::parse("127.0.0.1"), 0}, storage);
    EXPECT_EQ(sendto(forger.get(), icmp.data(), icmp.size(), 0,
                     reinterpret_cast<sockaddr*>(&storage), size),
              static_cast<ssize_t>(icmp.size()));
  };
  forge(7, 8);
  forge(0, 8);  // sound: to be judged by who knows what was asked
  backend.wait_for(2, inbox);
  const StageCounters& counters = backend.echo.receive_counters();
  EXPECT_EQ(counters.dropped(DropReason::not_reply_or_error), 1u);
  EXPECT_EQ(counters.forwarded(), 1u);
  ASSERT_EQ(inbox.replies.size(), 1u);
  EXPECT_EQ(inbox.replies[0].slot, (EchoSlot{socket.kind, socket.channel, 9}));
}

TEST_F(EchoLinuxTest, WhatTheKernelDropsIsCounted) {
  constexpr std::uint16_t kMany = 40000;
  Backend backend;
  Inbox inbox;
  for (std::uint16_t sequence = 0; sequence < kMany; ++sequence) {
    ASSERT_EQ(backend.send({EchoChannelKind::v6_dont_fragment, 0, sequence}, kOriginV6, {}),
              std::nullopt);
  }
  backend.wait_for(1, inbox);
  EXPECT_GT(backend.echo.kernel_drops(), 0u);
  EXPECT_EQ(inbox.replies.size() + backend.echo.kernel_drops(), kMany);
}

TEST_P(EchoLinuxTest, CarriesTheProxysEchoes) {
  struct Client : EchoProxyEvents {
    void on_answer(Packet packet, std::uint8_t, Time) override {
      packets.push_back(std::move(packet));
    }
    bool on_undeliverable(const IpView&, DropReason, std::size_t, std::uint8_t, Time) override {
      return false;
    }
    std::vector<Packet> packets;
  };
  Backend backend;
  PacketPool pool;
  Client client;
  const IpAddress to = origin(GetParam());
  EchoProxy proxy({.allow_destinations = {Prefix(to, to.is_v4() ? 32 : 128)}}, backend.echo, pool,
                  client, backend.random);
  const auto packet =
      make_echo(pool, EchoType::request,
                {.source = *IpAddress::parse(to.is_v4() ? "100.96.0.2" : "fd00:96::2"),
                 .destination = to,
                 .dont_fragment = GetParam() == EchoChannelKind::v4_dont_fragment},
                {.id = 0xabcd, .sequence = 3}, payload_number(1, 56));
  const auto ip = IpView::parse(packet->bytes());
  ASSERT_EQ(proxy.request(*ip, *IcmpView::parse(*ip), 0, Time{}), std::nullopt);
  backend.wait_for(1, proxy);
  ASSERT_EQ(client.packets.size(), 1u);
  const auto reply = IpView::parse(client.packets[0].bytes());
  EXPECT_EQ(reply->source(), to);
  EXPECT_EQ(reply->destination(), ip->source());
  EXPECT_EQ(IcmpView::parse(*reply)->id, 0xabcd);
  EXPECT_EQ(IcmpView::parse(*reply)->sequence, 3);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EchoLinuxTest,
                         testing::Values(EchoChannelKind::v4_dont_fragment,
                                         EchoChannelKind::v4_may_fragment,
                                         EchoChannelKind::v6_dont_fragment,
                                         EchoChannelKind::v6_may_fragment),
                         [](const auto& kind) { return name_of(kind.param); });

// The kernel speaks for a neighbour that does not answer.
TEST(TellError, AFailureOfThisHostCountsAsDroppedWhenNobodyWasTold) {
  const auto host = HostAddresses::open();
  ASSERT_TRUE(host);
  for (const bool v4 : {true, false}) {
    const EchoError by_this_host{
        .offender = IpAddress::parse(v4 ? "127.0.0.1" : "::1").value(),
        .destination = IpAddress::parse(v4 ? "192.0.2.1" : "2001:db8::1").value()};
    EchoError by_a_router = by_this_host;
    by_a_router.offender = by_a_router.destination;
    Inbox inbox;
    StageCounters counters;
    tell_error(*host, {}, by_a_router, inbox, counters, Time{});
    EXPECT_EQ(inbox.errors.size(), 1u);
    EXPECT_EQ(counters.forwarded(), 1u);
    inbox.tells_failures = true;
    tell_error(*host, {}, by_this_host, inbox, counters, Time{});
    EXPECT_EQ(counters.forwarded(), 2u);
    EXPECT_EQ(counters.dropped(), 0u);
    inbox.tells_failures = false;
    tell_error(*host, {}, by_this_host, inbox, counters, Time{});
    EXPECT_EQ(inbox.failures.size(), 2u);
    EXPECT_EQ(counters.forwarded(), 2u);
    EXPECT_EQ(counters.dropped(DropReason::host_unreachable), 1u);
  }
}

}  // namespace
}  // namespace oneping
