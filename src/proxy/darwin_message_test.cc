#include "proxy/darwin_message.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "proxy/darwin_form.h"
#include "test/support/packet_builder.h"

namespace oneping {
namespace {

using test::ByteVector;
using test::PacketBuilder;
using test::pattern;
using test::slow_checksum;

// Ids that a test knows: channel 0 of each kind has 0x0101, 0x0102 and so on.
struct KnownIds final : Random {
  void fill(MutableBytes bytes) override { store_be64(bytes.data(), ++next_); }
  std::uint64_t next_ = 0x0100;
};

EchoIds known_ids() {
  KnownIds random;
  return {1, random};
}

constexpr EchoChannelKind kV6 = static_cast<EchoChannelKind>(kEchoChannelKinds - 1);
constexpr std::uint16_t kIdV4 = 0x0101;
constexpr std::uint16_t kIdV6 = 0x0100 + kEchoChannelKinds;
const EchoSlot kSlotV4{EchoChannelKind::v4_dont_fragment, 0, 7};
const EchoSlot kSlotV6{kV6, 0, 7};

ByteVector joined(std::initializer_list<ByteVector> parts) {
  ByteVector all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// What a socket of Darwin on a little-endian processor gives, field by field.
const ByteVector kReplyHeader = {
    0x45, 0xb8,              // version, header length; TOS
    0x0c, 0x00,              // total length 12: host order, without the header
    0x12, 0x34,              // identification
    0x00, 0x40,              // DF: host order
    0x3d, 0x01, 0x00, 0x00,  // TTL 61, ICMP, checksum: not read
    0xac, 0x10, 0x0a, 0x78,  // 172.16.10.120
    0xac, 0x10, 0x0a, 0x64,  // 172.16.10.100
};
const ByteVector kReply = {
    0x00, 0x00, 0x3a, 0x31,  // echo reply, code 0, checksum
    0x01, 0x01, 0x00, 0x07,  // id, sequence
    0x61, 0x62, 0x63, 0x64,  // "abcd"
};
const ByteVector kExceededHeader = {
    0x45, 0xc0, 0x24, 0x00, 0x00, 0x01, 0x00, 0x00,  // total length 36: host order, no header
    0xff, 0x01, 0x00, 0x00,                          // TTL 255
    0x0a, 0x14, 0x01, 0x02,                          // 10.20.1.2, the router
    0xac, 0x10, 0x0a, 0x64,                          // 172.16.10.100
};
const ByteVector kExceeded = {
    0x0b, 0x00, 0x00, 0x00,  // time exceeded, in transit; the checksum is not read
    0x00, 0x00, 0x00, 0x00,  // unused
    0x45, 0xb8, 0x20, 0x00,  // the quote: total length 32 in host order
    0x12, 0x34, 0x40, 0x00,  // DF: as on the wire
    0x01, 0x01, 0x00, 0x00,  // TTL 1, ICMP
    0xac, 0x10, 0x0a, 0x64,  // 172.16.10.100
    0x0a, 0x14, 0x1e, 0x28,  // 10.20.30.40
    0x08, 0x00, 0x32, 0x31,  // echo request, code 0, checksum
    0x01, 0x01, 0x00, 0x07,  // id, sequence
};

DarwinMessage from_socket(Bytes bytes, const char* source = "172.16.10.120") {
  const IpAddress from = *IpAddress::parse(source);
  return {.family = from.family(),
          .source = from,
          .hop_limit = std::nullopt,
          .traffic_class = std::nullopt,
          .bytes = bytes};
}

TEST(DarwinMessage, AReplyIsReadWithItsHeaderInFront) {
  const auto bytes = joined({kReplyHeader, kReply});
  const auto answer = read_darwin_message(from_socket(bytes), known_ids());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->slot, kSlotV4);
  const auto& reply = std::get<EchoReply>(answer->content);
  EXPECT_EQ(reply.source, *IpAddress::parse("172.16.10.120"));
  EXPECT_EQ(reply.hop_limit, 61);
  EXPECT_EQ(reply.traffic_class, 0xb8);
  EXPECT_TRUE(std::ranges::equal(reply.payload, Bytes(bytes).last(4)));
}

TEST(DarwinMessage, AReplyIsReadWithoutItsHeader) {
  DarwinMessage message = from_socket(kReply);
  message.hop_limit = 61;
  const auto answer = read_darwin_message(message, known_ids());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->slot, kSlotV4);
  const auto& reply = std::get<EchoReply>(answer->content);
  EXPECT_EQ(reply.hop_limit, 61);
  EXPECT_EQ(reply.traffic_class, 0) << "nobody told it";
  EXPECT_TRUE(std::ranges::equal(reply.payload, Bytes(kReply).last(4)));

  message.hop_limit = std::nullopt;
  EXPECT_EQ(std::get<EchoReply>(read_darwin_message(message, known_ids())->content).hop_limit,
            kHopLimitNotTold);
}

TEST(DarwinMessage, AnErrorIsReadInBothForms) {
  const auto whole = joined({kExceededHeader, kExceeded});
  for (const ByteVector& bytes : {whole, kExceeded}) {
    DarwinMessage message = from_socket(bytes, "10.20.1.2");
    message.hop_limit = 255;
    const auto answer = read_darwin_message(message, known_ids());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->slot, kSlotV4);
    const auto& error = std::get<EchoError>(answer->content);
    EXPECT_EQ(error.offender, *IpAddress::parse("10.20.1.2"));
    EXPECT_EQ(error.destination, *IpAddress::parse("10.20.30.40"));
    EXPECT_EQ(error.type, 11);
    EXPECT_EQ(error.code, 0);
    EXPECT_EQ(error.hop_limit, 255);
    EXPECT_TRUE(error.payload.empty()) << "only eight bytes are quoted";
    EXPECT_TRUE(error.extensions.empty());
  }
}

struct ErrorCase {
  const char* name;
  bool v4;
  int type, code;
  std::int64_t rest;  // bytes 4 to 8 of the header
  std::uint32_t parameter;
};
const ErrorCase kErrors[] = {
    {"v4, too big", true, 3, 4, 0x00000514, 1300},
    {"v4, prohibited", true, 3, 13, 0, 0},
    {"v4, what looks like an MTU and is none", true, 3, 1, 0x00000514, 0},
    {"v4, parameter problem", true, 12, 0, 0x14000000, 20},
    {"v6, too big", false, 2, 0, 1300, 1300},
    {"v6, no route", false, 1, 0, 0, 0},
    {"v6, hop limit exceeded", false, 3, 0, 0, 0},
    {"v6, parameter problem", false, 4, 1, 40, 40},
};

TEST(DarwinMessage, EveryErrorKeepsWhatItSays) {
  for (const auto& c : kErrors) {
    SCOPED_TRACE(c.name);
    const char* us = c.v4 ? "172.16.10.100" : "fd00:172:16:10::100";
    const char* far = c.v4 ? "10.20.30.40" : "fd00:10:20:30::40";
    const char* router = c.v4 ? "10.20.1.2" : "fd00:10:20:1::2";
    const auto payload = pattern(20);
    const auto request =
        PacketBuilder(us, far).echo_request(c.v4 ? kIdV4 : kIdV6, 7, payload).build();
    auto bytes = PacketBuilder(router, us).icmp(c.type, c.code, c.rest, request).build();
    // The socket takes the IPv6 header away.
    if (c.v4) {
      to_darwin_form(bytes);
    } else {
      bytes.erase(bytes.begin(), bytes.begin() + kIpv6HeaderSize);
    }
    const auto answer = read_darwin_message(from_socket(bytes, router), known_ids());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->slot, c.v4 ? kSlotV4 : kSlotV6);
    const auto& error = std::get<EchoError>(answer->content);
    EXPECT_EQ(error.destination, *IpAddress::parse(far));
    EXPECT_EQ(error.type, c.type);
    EXPECT_EQ(error.code, c.code);
    EXPECT_EQ(error.parameter, c.parameter);
    EXPECT_TRUE(std::ranges::equal(error.payload, payload));
  }
}

TEST(DarwinMessage, OptionsInTheQuoteAreSteppedOver) {
  auto request = PacketBuilder("172.16.10.100", "10.20.30.40")
                     .options({1, 1, 1, 0})
                     .echo_request(kIdV4, 7, pattern(4))
                     .build();
  auto bytes = PacketBuilder("10.20.1.2", "172.16.10.100").icmp(11, 0, 0, request).build();
  const auto answer = read_darwin_message(from_socket(bytes, "10.20.1.2"), known_ids());
  ASSERT_TRUE(answer);
  EXPECT_TRUE(std::ranges::equal(std::get<EchoError>(answer->content).payload, pattern(4)));
}

TEST(DarwinMessage, APieceOfALargeRequestIsKnown) {
  const char* us = "fd00:172:16:10::100";
  const auto first = PacketBuilder(us, "fd00:10:20:30::40")
                         .fragment(0, true)
                         .echo_request(kIdV6, 7, pattern(16))
                         .build();
  const auto second = PacketBuilder(us, "fd00:10:20:30::40")
                          .fragment(1232, false)
                          .echo_request(kIdV6, 7, pattern(16))
                          .build();
  const auto read = [&](const ByteVector& quote) {
    auto bytes = PacketBuilder("fd00::1", us).icmp(2, 0, 1280, quote).build();
    bytes.erase(bytes.begin(), bytes.begin() + kIpv6HeaderSize);
    return read_darwin_message(from_socket(bytes, "fd00::1"), known_ids())
        .transform([](const DarwinAnswer& answer) { return answer.slot; });
  };
  EXPECT_EQ(read(first), kSlotV6);
  EXPECT_EQ(read(second).error(), DropReason::no_flow) << "there is no ICMP header in it";
}

TEST(DarwinMessage, ExtensionsAreParted) {
  auto quote =
      PacketBuilder("172.16.10.100", "10.20.30.40").echo_request(kIdV4, 7, pattern(100)).build();
  ASSERT_EQ(quote.size(), 128u);
  ByteVector extensions = {0x20, 0, 0, 0,  // version 2, no checksum given
                           0,    8, 1, 1,  // one MPLS label
                           0,    1, 1, 1};
  const auto bytes = PacketBuilder("10.20.1.2", "172.16.10.100")
                         .icmp(11, 0, 0x00200000, joined({quote, extensions}))  // 32 words
                         .build();
  const auto answer = read_darwin_message(from_socket(bytes, "10.20.1.2"), known_ids());
  ASSERT_TRUE(answer);
  const auto& error = std::get<EchoError>(answer->content);
  EXPECT_TRUE(std::ranges::equal(error.payload, pattern(100)));
  EXPECT_TRUE(std::ranges::equal(error.extensions, extensions));
}

TEST(DarwinMessage, WhatIsNotAboutUsIsTold) {
  const auto v4 = [](auto build) {
    PacketBuilder builder("10.20.1.2", "172.16.10.100");
    build(builder);
    return builder.build();
  };
  const auto foreign = PacketBuilder("172.16.10.100", "10.20.30.40").echo_request(9, 7).build();
  const auto udp = PacketBuilder("172.16.10.100", "10.20.30.40").udp(0x0101, 7).build();
  const auto reply = PacketBuilder("172.16.10.100", "10.20.30.40").echo_reply(kIdV4, 7).build();
  const struct {
    const char* name;
    ByteVector bytes;
    DropReason expected;
  } cases[] = {
      {"another program's reply", v4([](auto& b) { b.echo_reply(9, 7); }), DropReason::no_flow},
      {"a request to us", v4([](auto& b) { b.echo_request(kIdV4, 7); }),
       DropReason::not_reply_or_error},
      {"a reply with a code", v4([](auto& b) { b.icmp(0, 1, 0x01010007); }),
       DropReason::not_reply_or_error},
      {"a redirect", v4([&](auto& b) { b.icmp(5, 1, 0, foreign); }),
       DropReason::not_reply_or_error},
      {"source quench", v4([&](auto& b) { b.icmp(4, 0, 0, foreign); }),
       DropReason::not_reply_or_error},
      {"an error about another's request", v4([&](auto& b) { b.icmp(11, 0, 0, foreign); }),
       DropReason::no_flow},
      {"an error about UDP", v4([&](auto& b) { b.icmp(3, 3, 0, udp); }), DropReason::no_flow},
      {"an error about a reply", v4([&](auto& b) { b.icmp(3, 3, 0, reply); }), DropReason::no_flow},
      {"an error without a quote", v4([&](auto& b) { b.icmp(11, 0, 0); }), DropReason::no_flow},
      {"another protocol", v4([&](auto& b) { b.udp(1, 2); }), DropReason::not_reply_or_error},
      {"half a header", {0x45, 0, 0, 0}, DropReason::truncated},
      {"a header of 16 bytes", v4([](auto& b) { b.header_words(4).echo_reply(kIdV4, 7); }),
       DropReason::bad_header_length},
      {"nothing", {}, DropReason::truncated},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto answer = read_darwin_message(from_socket(c.bytes, "10.20.1.2"), known_ids());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), c.expected);
  }
}

TEST(DarwinMessage, IdsOfOneFamilyMeanNothingInTheOther) {
  auto bytes = PacketBuilder("fd00::1", "fd00::2").echo_reply(kIdV4, 7).build();
  bytes.erase(bytes.begin(), bytes.begin() + kIpv6HeaderSize);
  EXPECT_EQ(read_darwin_message(from_socket(bytes, "fd00::1"), known_ids()).error(),
            DropReason::no_flow);
}

TEST(DarwinRequest, IsWhatTheKernelPassesOnAsItIs) {
  ByteVector bytes(12, 0xee);
  write_darwin_request(IpFamily::v4, {.id = kIdV4, .sequence = 7}, Bytes(kReply).last(4), bytes);
  EXPECT_EQ(bytes, (ByteVector{0x08, 0x00, 0x32, 0x31, 0x01, 0x01, 0x00, 0x07, 'a', 'b', 'c', 'd'}))
      << "the checksum is ours to write";
  write_darwin_request(IpFamily::v6, {.id = kIdV6, .sequence = 7}, Bytes(kReply).last(4), bytes);
  EXPECT_EQ(bytes[0], 128);
  EXPECT_EQ(load_be16(&bytes[2]), 0) << "the kernel's to write";
  EXPECT_EQ(load_be16(&bytes[4]), kIdV6);
}

// The answer to any request of ours is read in every form in which the system may give it.
RC_GTEST_PROP(DarwinMessage, AllFormsOfAnAnswerSayTheSame, ()) {
  const auto payload = *rc::gen::container<ByteVector>(rc::gen::arbitrary<std::uint8_t>());
  const auto sequence = *rc::gen::arbitrary<std::uint16_t>();
  const auto cut = *rc::gen::inRange<std::size_t>(0, 64);
  const bool is_error = *rc::gen::arbitrary<bool>();
  PacketBuilder builder("10.20.30.40", "172.16.10.100");
  builder.hop_limit(*rc::gen::inRange(1, 256));
  if (is_error) {
    auto quote = PacketBuilder("172.16.10.100", "10.20.30.99")
                     .echo_request(kIdV4, sequence, payload)
                     .build();
    quote.resize(std::max<std::size_t>(28, quote.size() - std::min(cut, quote.size())));
    builder.icmp(11, 0, 0, quote);
  } else {
    builder.echo_reply(kIdV4, sequence, payload);
  }
  const ByteVector on_the_wire = builder.build();
  ByteVector changed = on_the_wire;
  to_darwin_form(changed);
  const EchoIds ids = known_ids();
  const auto expected = read_darwin_message(from_socket(on_the_wire), ids);
  RC_ASSERT(expected.has_value());
  RC_ASSERT(expected->slot.sequence == sequence);
  for (const Bytes bytes :
       {Bytes(changed), Bytes(changed).subspan(20), Bytes(on_the_wire).subspan(20)}) {
    const auto answer = read_darwin_message(from_socket(bytes), ids);
    RC_ASSERT(answer.has_value());
    RC_ASSERT(answer->slot == expected->slot);
    RC_ASSERT(answer->content.index() == expected->content.index());
    const auto payload_of = [](const DarwinAnswer& a) {
      return std::visit([](const auto& content) { return content.payload; }, a.content);
    };
    RC_ASSERT(std::ranges::equal(payload_of(*answer), payload_of(*expected)));
  }
}

}  // namespace
}  // namespace oneping
