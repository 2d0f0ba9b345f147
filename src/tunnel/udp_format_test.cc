#include "tunnel/udp_format.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tunnel/testing/recorded_rpc.h"

namespace oneping::tunnel {
namespace {

using namespace std::chrono_literals;
using testing::ByteString;
using testing::from_hex;

ByteString bytes_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }
SocketAddress at(const char* text) { return *SocketAddress::parse(text); }

const std::string kIdHex = "000102030405060708090a0b0c0d0e0f";
constexpr Uuid kId = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// What an established peer of the protocol writes, as recorded.
const std::string kRegistrationV4 = "00001f900005" + kIdHex + "c0000201";
const std::string kRegistrationBundled = "00061f900005" + kIdHex + "c00002016869";
const std::string kRegistrationV6 = "0001003500d2" + kIdHex + "20010db8000000000000000000000001";
const std::string kPayloadV3 = "01" + kIdHex + "616263";
const std::string kPayloadV2 = "616263" + kIdHex + "00";
const std::string kResponseError = "03ff" + kIdHex + "0004626f6f6d";

template <typename T>
T read(DatagramVersion version, const ByteString& datagram) {
  const auto message = read_udp_message(version, datagram);
  EXPECT_TRUE(message && std::holds_alternative<T>(*message));
  return std::get<T>(*message);
}

TEST(UdpFormat, ReadsRegistrations) {
  const auto v4_bytes = from_hex(kRegistrationV4);
  const auto v4 = read<UdpRegistration>(DatagramVersion::v3, v4_bytes);
  EXPECT_EQ(v4.id, kId);
  EXPECT_EQ(v4.destination, at("192.0.2.1:8080"));
  EXPECT_EQ(v4.idle, 5s);
  EXPECT_FALSE(v4.has_payload);

  const auto bundled_bytes = from_hex(kRegistrationBundled);
  const auto bundled = read<UdpRegistration>(DatagramVersion::v3, bundled_bytes);
  EXPECT_TRUE(bundled.has_payload);
  EXPECT_EQ(bytes_of(bundled.payload), from_hex("6869"));

  const auto v6_bytes = from_hex(kRegistrationV6);
  const auto v6 = read<UdpRegistration>(DatagramVersion::v3, v6_bytes);
  EXPECT_EQ(v6.destination, at("[2001:db8::1]:53"));
  EXPECT_EQ(v6.idle, 210s);
}

TEST(UdpFormat, WithoutAnIdleTimeTheUsualOneHolds) {
  const auto bytes = from_hex("00001f900000" + kIdHex + "c0000201");
  EXPECT_EQ(read<UdpRegistration>(DatagramVersion::v3, bytes).idle, kDefaultUdpIdle);
}

TEST(UdpFormat, WhatIsNotSaidToBeAPayloadIsNone) {
  const auto bytes = from_hex(kRegistrationV4 + "6869");
  const auto registration = read<UdpRegistration>(DatagramVersion::v3, bytes);
  EXPECT_FALSE(registration.has_payload);
  EXPECT_TRUE(registration.payload.empty());
}

TEST(UdpFormat, ReadsPayloads) {
  for (const auto version : {DatagramVersion::v2, DatagramVersion::v3}) {
    const auto bytes = from_hex(version == DatagramVersion::v2 ? kPayloadV2 : kPayloadV3);
    const auto payload = read<UdpPayload>(version, bytes);
    EXPECT_EQ(payload.id, kId);
    EXPECT_EQ(bytes_of(payload.bytes), from_hex("616263"));
  }
  const auto empty = from_hex("01" + kIdHex);
  EXPECT_TRUE(read<UdpPayload>(DatagramVersion::v3, empty).bytes.empty());
}

TEST(UdpFormat, ReadsResponses) {
  for (const auto& [hex, result] :
       {std::pair{"00", UdpResult::ok}, std::pair{"01", UdpResult::destination_unreachable},
        std::pair{"02", UdpResult::unable_to_bind}, std::pair{"03", UdpResult::too_many_flows}}) {
    const auto bytes = from_hex("03" + std::string(hex) + kIdHex + "0000");
    const auto response = read<UdpResponse>(DatagramVersion::v3, bytes);
    EXPECT_EQ(response.id, kId);
    EXPECT_EQ(response.result, result);
    EXPECT_EQ(response.error, "");
  }
  const auto bytes = from_hex(kResponseError);
  const auto response = read<UdpResponse>(DatagramVersion::v3, bytes);
  EXPECT_EQ(response.result, UdpResult::error);
  EXPECT_EQ(response.error, "boom");
}

TEST(UdpFormat, WritesWhatThePeersRead) {
  PacketPool pool;
  UdpRegistration registration{.id = kId, .destination = at("192.0.2.1:8080"), .idle = 4500ms};
  EXPECT_EQ(bytes_of(make_udp_registration(pool, registration)->bytes()), from_hex(kRegistrationV4))
      << "an idle time is rounded up";
  const ByteString hi = {'h', 'i'};
  registration.has_payload = true;
  registration.payload = hi;
  EXPECT_EQ(bytes_of(make_udp_registration(pool, registration)->bytes()),
            from_hex("0004" + kRegistrationBundled.substr(4)));
  registration = {.id = kId, .destination = at("[2001:db8::1]:53")};
  EXPECT_EQ(bytes_of(make_udp_registration(pool, registration)->bytes()),
            from_hex(kRegistrationV6));
  EXPECT_EQ(bytes_of(make_udp_response(pool, {kId, UdpResult::error, "boom"})->bytes()),
            from_hex(kResponseError));
  EXPECT_EQ(bytes_of(make_udp_response(pool, {kId, UdpResult::ok, {}})->bytes()),
            from_hex("0300" + kIdHex + "0000"));
  for (const auto version : {DatagramVersion::v2, DatagramVersion::v3}) {
    auto payload = *pool.copy(from_hex("616263"));
    frame_udp_payload(version, kId, payload);
    EXPECT_EQ(bytes_of(payload.bytes()),
              from_hex(version == DatagramVersion::v2 ? kPayloadV2 : kPayloadV3));
    unframe_udp_payload(version, payload);
    EXPECT_EQ(bytes_of(payload.bytes()), from_hex("616263"));
  }
}

TEST(UdpFormat, BoundsWhatItReads) {
  const auto v2 = [](std::size_t size) {
    return read_udp_message(DatagramVersion::v2, ByteString(size + 17)).has_value();
  };
  const auto v3 = [](const std::string& header, std::size_t size) {
    auto datagram = from_hex(header);
    datagram.resize(datagram.size() + size);
    return read_udp_message(DatagramVersion::v3, datagram).has_value();
  };
  EXPECT_TRUE(v2(kMaxSessionPayload));
  EXPECT_FALSE(v2(kMaxSessionPayload + 1));
  EXPECT_TRUE(v3("01" + kIdHex, kMaxSessionPayload));
  EXPECT_FALSE(v3("01" + kIdHex, kMaxSessionPayload + 1));
  EXPECT_TRUE(v3("00041f900005" + kIdHex + "c0000201", kMaxSessionPayload));
  EXPECT_FALSE(v3("00041f900005" + kIdHex + "c0000201", kMaxSessionPayload + 1));
  EXPECT_TRUE(v3("03ff" + kIdHex + "04ec", 1260));
  EXPECT_FALSE(v3("03ff" + kIdHex + "04ed", 1261));
  EXPECT_FALSE(v3("03ff" + kIdHex + "0002", 1)) << "its words are cut short";
}

// Every datagram cut short, as an exact-size copy, so that the sanitizer sees a read past the end.
TEST(UdpFormat, ShortDatagramsAreMalformed) {
  struct Case {
    const char* name;
    DatagramVersion version;
    std::string whole;
    std::size_t least;
  };
  for (const Case& c : {Case{"v2", DatagramVersion::v2, kIdHex + "00", 17},
                        Case{"registration", DatagramVersion::v3, kRegistrationV4, 26},
                        Case{"registration v6", DatagramVersion::v3, kRegistrationV6, 38},
                        Case{"payload", DatagramVersion::v3, kPayloadV3, 17},
                        Case{"response", DatagramVersion::v3, kResponseError, 24}}) {
    const auto whole = from_hex(c.whole);
    for (std::size_t size = 0; size < c.least; ++size) {
      const bool from_behind = c.version == DatagramVersion::v2;
      const auto offset = static_cast<std::ptrdiff_t>(from_behind ? whole.size() - size : 0);
      const ByteString cut(whole.begin() + offset,
                           whole.begin() + offset + static_cast<std::ptrdiff_t>(size));
      const auto message = read_udp_message(c.version, cut);
      ASSERT_FALSE(message.has_value()) << c.name << " of " << size;
      EXPECT_EQ(message.error(), DropReason::malformed_datagram);
    }
    EXPECT_TRUE(read_udp_message(c.version, whole).has_value()) << c.name;
  }
}

TEST(UdpFormat, KnowsItsOwn) {
  const auto is = [](DatagramVersion version, const std::string& hex) {
    return is_udp_message(version, from_hex(hex));
  };
  EXPECT_TRUE(is(DatagramVersion::v2, kPayloadV2));
  EXPECT_TRUE(is(DatagramVersion::v2, "00"));
  EXPECT_FALSE(is(DatagramVersion::v2, "4500001c01"));
  EXPECT_FALSE(is(DatagramVersion::v2, ""));
  for (const auto& hex : {kRegistrationV4, kPayloadV3, kResponseError}) {
    EXPECT_TRUE(is(DatagramVersion::v3, hex));
  }
  EXPECT_FALSE(is(DatagramVersion::v3, "024500001c"));
  EXPECT_FALSE(is(DatagramVersion::v3, "04"));
  EXPECT_FALSE(is(DatagramVersion::v3, ""));
}

RC_GTEST_PROP(UdpFormat, WhatIsWrittenReadsBack, ()) {
  PacketPool pool;
  const auto version = *rc::gen::element(DatagramVersion::v2, DatagramVersion::v3);
  const auto size = *rc::gen::inRange<std::size_t>(0, kMaxSessionPayload + 1);
  const auto content = *rc::gen::container<ByteString>(size, rc::gen::arbitrary<std::uint8_t>());
  const auto id = *rc::gen::arbitrary<Uuid>();
  auto payload = *pool.copy(content);
  frame_udp_payload(version, id, payload);
  RC_ASSERT(payload.size() == size + udp_payload_overhead(version));
  const auto read_payload =
      std::get<UdpPayload>(read_udp_message(version, payload.bytes()).value());
  RC_ASSERT(read_payload.id == id);
  RC_ASSERT(bytes_of(read_payload.bytes) == content);

  const UdpRegistration registration{
      .id = id,
      .destination = {IpAddress::v4(*rc::gen::arbitrary<std::uint32_t>()),
                      *rc::gen::arbitrary<std::uint16_t>()},
      .idle = std::chrono::seconds(*rc::gen::inRange(1, 65536)),
      .has_payload = true,
      .payload = content};
  const auto datagram = make_udp_registration(pool, registration);
  const auto read =
      std::get<UdpRegistration>(read_udp_message(DatagramVersion::v3, datagram->bytes()).value());
  RC_ASSERT(read.id == id && read.destination == registration.destination);
  RC_ASSERT(read.idle == registration.idle && read.has_payload);
  RC_ASSERT(bytes_of(read.payload) == content);
}

}  // namespace
}  // namespace oneping::tunnel
