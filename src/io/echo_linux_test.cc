#include "io/echo_linux.h"

#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <set>
#include <vector>

#include "io/echo_test_namespace.h"
#include "io/ping_permission.h"
#include "io/socket_address.h"
#include "proxy/echo_proxy.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip.h"

namespace oneping {
namespace {

using testing_support::set_loopback_mtu;
using testing_support::set_ping_group_range;

constexpr int kPatience = 5000;  // ms, for what the kernel does at once
const IpAddress kOriginV4 = *IpAddress::parse("127.0.0.2");
const IpAddress kOriginV6 = *IpAddress::parse("::1");

IpAddress origin(EchoChannelKind kind) {
  return family_of(kind) == IpFamily::v4 ? kOriginV4 : kOriginV6;
}

// Bytes that depend on their number and place.
std::vector<std::uint8_t> payload_number(std::uint32_t number, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * (i % 4)) ^ i / 4);
  }
  return bytes;
}

struct Inbox : EchoReplies {
  struct Reply {
    EchoSlot slot;
    IpAddress source;
    std::uint8_t hop_limit;
    std::uint8_t traffic_class;
    std::vector<std::uint8_t> payload;
  };
  void on_echo_reply(const EchoSlot& slot, const EchoReply& reply, Time) override {
    replies.push_back({slot,
                       reply.source,
                       reply.hop_limit,
                       reply.traffic_class,
                       {reply.payload.begin(), reply.payload.end()}});
  }
  std::vector<Reply> replies;
};

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
    echo.flush(Time{});
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
  EXPECT_EQ(backend.echo.channels(EchoChannelKind::v6), 0);
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
  EXPECT_EQ(buckets.size(), 48u);
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
  const std::size_t sizes[] = {0, 1, 7, 56, 1000, 1232, EchoSendBatch::kMaxPayloadSize};
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
  const std::vector<std::uint8_t> payload(EchoSendBatch::kMaxPayloadSize + 1);
  EXPECT_EQ(backend.send({GetParam(), 0, 1}, origin(GetParam()), payload), DropReason::too_big);
  EXPECT_EQ(backend.echo.send_counters().dropped(DropReason::too_big), 1u);
  EXPECT_EQ(backend.echo.send_counters().held(), 0u);
}

// What passes on loopback, as a packet socket sees it.
class Wire {
 public:
  Wire() : fd_(::socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL))) {}

  std::optional<std::vector<std::uint8_t>> next_echo_request() {
    pollfd readable{fd_.get(), POLLIN, 0};
    while (poll(&readable, 1, kPatience) > 0) {
      std::vector<std::uint8_t> bytes(4096);
      const auto size = recv(fd_.get(), bytes.data(), bytes.size(), 0);
      if (size < 0) return std::nullopt;
      bytes.resize(static_cast<std::size_t>(size));
      const auto ip = IpView::parse(bytes);
      if (!ip || !ip->is_icmp()) continue;
      const auto icmp = IcmpView::parse(*ip);
      if (icmp && icmp->kind == IcmpKind::echo_request) return bytes;
    }
    return std::nullopt;
  }

 private:
  Fd fd_;
};

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
    EXPECT_EQ(ip->dont_fragment(), GetParam() != EchoChannelKind::v4_may_fragment);
    EXPECT_EQ(icmp->sequence, 0x1234);

    ASSERT_EQ(inbox.replies.size(), 1u);
    EXPECT_EQ(inbox.replies[0].hop_limit, 64) << "the origin's own, not ours";
    EXPECT_EQ(inbox.replies[0].traffic_class, traffic_class) << "the kernel answers in kind";
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
}

TEST_F(EchoLinuxTest, TheKernelRefusesBroadcast) {
  Backend backend;
  const IpAddress broadcast = *IpAddress::parse("127.255.255.255");
  ASSERT_EQ(backend.send({EchoChannelKind::v4_dont_fragment, 0, 1}, broadcast, {}), std::nullopt);
  backend.echo.flush(Time{});
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
  const bool fragments = GetParam() == EchoChannelKind::v4_may_fragment;
  backend.wait_for(fragments ? 2 : 1, inbox);
  EXPECT_EQ(inbox.replies.size(), fragments ? 2u : 1u);
  EXPECT_EQ(backend.echo.send_counters().dropped(DropReason::too_big), fragments ? 0u : 1u);
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
  forge(0, EchoReceiveBatch::kMaxMessageSize);
  forge(0, 8);  // sound: to be judged by who knows what was asked
  backend.wait_for(3, inbox);
  const StageCounters& counters = backend.echo.receive_counters();
  EXPECT_EQ(counters.dropped(DropReason::not_reply_or_error), 1u);
  EXPECT_EQ(counters.dropped(DropReason::truncated), 1u);
  EXPECT_EQ(counters.forwarded(), 1u);
  ASSERT_EQ(inbox.replies.size(), 1u);
  EXPECT_EQ(inbox.replies[0].slot, (EchoSlot{socket.kind, socket.channel, 9}));
}

TEST_F(EchoLinuxTest, WhatTheKernelDropsIsCounted) {
  constexpr std::uint16_t kMany = 40000;
  Backend backend;
  Inbox inbox;
  for (std::uint16_t sequence = 0; sequence < kMany; ++sequence) {
    ASSERT_EQ(backend.send({EchoChannelKind::v6, 0, sequence}, kOriginV6, {}), std::nullopt);
  }
  backend.wait_for(1, inbox);
  EXPECT_GT(backend.echo.kernel_drops(), 0u);
  EXPECT_EQ(inbox.replies.size() + backend.echo.kernel_drops(), kMany);
}

TEST_P(EchoLinuxTest, CarriesTheProxysEchoes) {
  struct Client : EchoProxyEvents {
    void on_reply(Packet packet, std::uint32_t, Time) override {
      packets.push_back(std::move(packet));
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
                                         EchoChannelKind::v4_may_fragment, EchoChannelKind::v6),
                         [](const auto& kind) -> std::string {
                           switch (kind.param) {
                             case EchoChannelKind::v4_dont_fragment: return "v4_dont_fragment";
                             case EchoChannelKind::v4_may_fragment: return "v4_may_fragment";
                             case EchoChannelKind::v6: return "v6";
                           }
                           return "";
                         });

}  // namespace
}  // namespace oneping
