#include "wire/ip_address.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <unordered_set>

#include "test/support/packet_builder.h"

namespace oneping {
namespace {

using test::address;

struct TextCase {
  std::string input;
  std::string canonical;  // empty: no address
};

TEST(IpAddress, ParsesAndFormats) {
  const TextCase cases[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"172.16.10.120", "172.16.10.120"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"fd00:10:0:0:0:0:0:120", "fd00:10::120"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"::ffff:192.0.2.1", "192.0.2.1"},  // the IPv4 address itself
      {"::ffff:c000:0201", "192.0.2.1"},
      {"64:ff9b::192.0.2.1", "64:ff9b::c000:201"},
      {"", ""},
      {" 10.0.0.1", ""},
      {"10.0.0.1 ", ""},
      {"10.0.0", ""},
      {"10.0.0.256", ""},
      {"10.0.0.1.2", ""},
      {"010.0.0.1", ""},  // some would read it as octal
      {"10.0.0.0x1", ""},
      {"-1.0.0.0", ""},
      {":::", ""},
      {"1::2::3", ""},
      {"12345::", ""},
      {"[::1]", ""},
      {"fe80::1%eth0", ""},
      {"1:2:3:4:5:6:7:8:9", ""},
      {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555", ""},
      {std::string(1000, '1'), ""},
      {std::string("10.0.0.1\0", 9), ""},
      {std::string("10.0.0.1\0.evil", 14), ""},
      {"localhost", ""},
  };
  for (const auto& [input, canonical] : cases) {
    const auto parsed = IpAddress::parse(input);
    EXPECT_EQ(parsed ? parsed->to_string() : "", canonical) << "'" << input << "'";
  }
}

TEST(IpAddress, NetworkBytesAreThoseOfThePacket) {
  const std::uint8_t v4[] = {172, 16, 10, 120};
  const IpAddress a = IpAddress::from_v4(v4);
  EXPECT_EQ(a.family(), IpFamily::v4);
  EXPECT_EQ(a, address("172.16.10.120"));
  EXPECT_EQ(a, IpAddress::v4(0xac100a78));
  EXPECT_EQ(a.v4_host_order(), 0xac100a78u);
  EXPECT_TRUE(std::ranges::equal(a.network_bytes(), v4));

  const std::uint8_t v6[] = {0xfd, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20};
  const IpAddress b = IpAddress::from_v6(v6);
  EXPECT_EQ(b.family(), IpFamily::v6);
  EXPECT_EQ(b.to_string(), "fd00:10::120");
  EXPECT_TRUE(std::ranges::equal(b.network_bytes(), v6));
}

RC_GTEST_PROP(IpAddress, TextIsReadBack, (std::uint64_t high, std::uint64_t low, bool v4)) {
  std::uint8_t bytes[16];
  store_be64(bytes, high);
  store_be64(bytes + 8, low);
  const IpAddress address = v4 ? IpAddress::from_v4(bytes) : IpAddress::from_v6(bytes);
  RC_ASSERT(IpAddress::parse(address.to_string()) == address);
}

struct ClassCase {
  const char* text;
  bool unspecified, loopback, multicast, link_local, broadcast, single_host;
};

TEST(IpAddress, KnowsItsClass) {
  // clang-format off
  const ClassCase cases[] = {
      //                    unspec loop   multi  link   broad  host
      {"0.0.0.0",           true,  false, false, false, false, false},
      {"0.1.2.3",           false, false, false, false, false, false},
      {"1.0.0.0",           false, false, false, false, false, true},
      {"126.255.255.255",   false, false, false, false, false, true},
      {"127.0.0.0",         false, true,  false, false, false, false},
      {"127.255.255.255",   false, true,  false, false, false, false},
      {"128.0.0.0",         false, false, false, false, false, true},
      {"169.253.255.255",   false, false, false, false, false, true},
      {"169.254.0.0",       false, false, false, true,  false, true},
      {"169.254.255.255",   false, false, false, true,  false, true},
      {"169.255.0.0",       false, false, false, false, false, true},
      {"223.255.255.255",   false, false, false, false, false, true},
      {"224.0.0.0",         false, false, true,  false, false, false},
      {"239.255.255.255",   false, false, true,  false, false, false},
      {"240.0.0.0",         false, false, false, false, false, false},
      {"255.255.255.254",   false, false, false, false, false, false},
      {"255.255.255.255",   false, false, false, false, true,  false},
      {"::",                true,  false, false, false, false, false},
      {"::1",               false, true,  false, false, false, false},
      {"::2",               false, false, false, false, false, true},
      {"1::1",              false, false, false, false, false, true},
      {"fd00::1",           false, false, false, false, false, true},
      {"fe7f::1",           false, false, false, false, false, true},
      {"fe80::1",           false, false, false, true,  false, true},
      {"febf:ffff::1",      false, false, false, true,  false, true},
      {"fec0::1",           false, false, false, false, false, true},
      {"fe00::1",           false, false, false, false, false, true},
      {"ff00::",            false, false, true,  false, false, false},
      {"ff02::1",           false, false, true,  false, false, false},
  };
  // clang-format on
  for (const auto& c : cases) {
    const IpAddress a = address(c.text);
    EXPECT_EQ(a.is_unspecified(), c.unspecified) << c.text;
    EXPECT_EQ(a.is_loopback(), c.loopback) << c.text;
    EXPECT_EQ(a.is_multicast(), c.multicast) << c.text;
    EXPECT_EQ(a.is_link_local(), c.link_local) << c.text;
    EXPECT_EQ(a.is_broadcast(), c.broadcast) << c.text;
    EXPECT_EQ(a.is_single_host(), c.single_host) << c.text;
  }
}

TEST(Prefix, ParsesAndFormats) {
  const TextCase cases[] = {
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"10.1.2.3", "10.1.2.3/32"},
      {"10.1.2.3/32", "10.1.2.3/32"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"128.0.0.0/1", "128.0.0.0/1"},
      {"172.16.10.254/31", "172.16.10.254/31"},
      {"::/0", "::/0"},
      {"fd00::/8", "fd00::/8"},
      {"fd00:10::120", "fd00:10::120/128"},
      {"fd00:10::/127", "fd00:10::/127"},
      {"10.0.0.1/8", ""},  // host bits
      {"172.16.10.255/31", ""},
      {"fd00::1/64", ""},
      {"192.0.2.0/0", ""},
      {"10.0.0.0/33", ""},
      {"10.0.0.0/", ""},
      {"10.0.0.0/-1", ""},
      {"10.0.0.0/+8", ""},
      {"10.0.0.0/8 ", ""},
      {"10.0.0.0/8/8", ""},
      {"10.0.0.0/99999999999999999999", ""},
      {"fd00::/129", ""},
      {"::ffff:10.0.0.0/104", ""},
      {"/8", ""},
      {"", ""},
  };
  for (const auto& [input, canonical] : cases) {
    const auto parsed = Prefix::parse(input);
    EXPECT_EQ(parsed ? parsed->to_string() : "", canonical) << "'" << input << "'";
  }
}

TEST(Prefix, ContainsItsOwnFamilyOnly) {
  struct Case {
    const char* prefix;
    const char* address;
    bool contains;
  };
  const Case cases[] = {
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.0.0.0/8", "9.255.255.255", false},
      {"172.16.10.120/32", "172.16.10.120", true},
      {"172.16.10.120/32", "172.16.10.121", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "fd00::1", true},
      {"::/0", "10.0.0.1", false},
      {"fd00:10::/33", "fd00:10:7fff::1", true},
      {"fd00:10::/33", "fd00:10:8000::1", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Prefix::parse(c.prefix).value().contains(address(c.address)), c.contains)
        << c.prefix << " " << c.address;
  }
}

// Against a bit-by-bit comparison of the bytes in the packet.
RC_GTEST_PROP(Prefix, KeepsJustItsLeadingBits, (std::uint64_t high, std::uint64_t low, bool v4)) {
  std::uint8_t bytes[16];
  store_be64(bytes, high);
  store_be64(bytes + 8, low);
  const IpAddress a = v4 ? IpAddress::from_v4(bytes) : IpAddress::from_v6(bytes);
  const int bits = v4 ? 32 : 128;
  const int length = *rc::gen::inRange(0, bits + 1);
  const Prefix prefix(a, length);
  RC_ASSERT(prefix.length() == length);
  RC_ASSERT(prefix.family() == a.family());
  RC_ASSERT(prefix.contains(a));
  const Bytes kept = prefix.address().network_bytes();
  const auto bit = [](Bytes of, int i) { return of[i / 8] >> (7 - i % 8) & 1; };
  for (int i = 0; i < bits; ++i) {
    RC_ASSERT(bit(kept, i) == (i < length ? bit(a.network_bytes(), i) : 0));
  }
  RC_ASSERT(Prefix::parse(prefix.to_string()) == prefix);

  const int flipped = *rc::gen::inRange(0, bits);
  std::uint8_t other[16] = {};
  std::ranges::copy(a.network_bytes(), other);
  other[flipped / 8] = static_cast<std::uint8_t>(other[flipped / 8] ^ (0x80 >> flipped % 8));
  const IpAddress b = v4 ? IpAddress::from_v4(other) : IpAddress::from_v6(other);
  RC_ASSERT(prefix.contains(b) == (flipped >= length));
}

TEST(SocketAddress, ParsesAndFormats) {
  const TextCase cases[] = {
      {"192.0.2.1:7844", "192.0.2.1:7844"},
      {"192.0.2.1:0", "192.0.2.1:0"},
      {"[2001:db8::1]:7844", "[2001:db8::1]:7844"},
      {"[::]:65535", "[::]:65535"},
      {"192.0.2.1", ""},
      {"192.0.2.1:", ""},
      {"192.0.2.1:65536", ""},
      {"192.0.2.1:-1", ""},
      {"192.0.2.1:78x", ""},
      {"[192.0.2.1]:7844", ""},
      {"2001:db8::1:7844", ""},  // is the last group the port?
      {"[2001:db8::1]", ""},
      {"[2001:db8::1]7844", ""},
      {"[]:1", ""},
      {"[:1", ""},
      {":1", ""},
      {"localhost:1", ""},
      {"", ""},
  };
  for (const auto& [input, canonical] : cases) {
    const auto parsed = SocketAddress::parse(input);
    EXPECT_EQ(parsed ? parsed->to_string() : "", canonical) << "'" << input << "'";
  }
}

TEST(Hash, SpreadsNeighboursOverTheBuckets) {
  constexpr std::size_t kBuckets = 1024;
  constexpr std::uint32_t kAddresses = 65536;
  std::vector<int> buckets(kBuckets);
  std::unordered_set<std::size_t> values;
  for (std::uint32_t i = 0; i < kAddresses; ++i) {
    const std::size_t hash = hash_of(IpAddress::v4(0x64600000 + i));
    ++buckets[hash % kBuckets];
    values.insert(hash);
  }
  EXPECT_EQ(values.size(), kAddresses);
  EXPECT_LT(*std::ranges::max_element(buckets), 128);  // 64 on average
  EXPECT_GT(*std::ranges::min_element(buckets), 16);
}

TEST(Hash, DependsOnSeedAndPort) {
  const IpAddress a = address("fd00::1");
  EXPECT_NE(hash_of(a, 1), hash_of(a, 2));
  const std::hash<SocketAddress> hash;
  EXPECT_NE(hash({a, 1}), hash({a, 2}));
  EXPECT_EQ(hash({a, 1}), hash({a, 1}));
}

}  // namespace
}  // namespace oneping
