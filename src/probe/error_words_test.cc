#include "probe/error_words.h"

#include <gtest/gtest.h>

#include "test/support/packet_builder.h"

namespace oneping::probe {
namespace {

using test::PacketBuilder;

struct Case {
  int type, code;
  std::int64_t rest;  // bytes 4 to 8 of the ICMP header
  const char* words;
  const char* mark;
};

// The words are iputils', the marks traceroute's.
const Case kCasesV4[] = {
    {3, 0, 0, "Destination Net Unreachable", "!N"},
    {3, 1, 0, "Destination Host Unreachable", "!H"},
    {3, 2, 0, "Destination Protocol Unreachable", "!P"},
    {3, 3, 0, "Destination Port Unreachable", ""},
    {3, 4, 1400, "Frag needed and DF set (mtu = 1400)", "!F-1400"},
    {3, 4, 0x12340000, "Frag needed and DF set (mtu = 0)", "!F-0"},
    {3, 5, 0, "Source Route Failed", "!S"},
    {3, 6, 0, "Destination Net Unknown", "!N"},
    {3, 7, 0, "Destination Host Unknown", "!H"},
    {3, 8, 0, "Source Host Isolated", "!N"},
    {3, 9, 0, "Destination Net Prohibited", "!X"},
    {3, 10, 0, "Destination Host Prohibited", "!X"},
    {3, 11, 0, "Destination Net Unreachable for Type of Service", "!N"},
    {3, 12, 0, "Destination Host Unreachable for Type of Service", "!H"},
    {3, 13, 0, "Packet filtered", "!X"},
    {3, 14, 0, "Precedence Violation", "!V"},
    {3, 15, 0, "Precedence Cutoff", "!C"},
    {3, 16, 0, "Dest Unreachable, Bad Code: 16", "!<16>"},
    {3, 255, 0, "Dest Unreachable, Bad Code: 255", "!<255>"},
    {11, 0, 0, "Time to live exceeded", ""},
    {11, 1, 0, "Frag reassembly time exceeded", "!<11-1>"},
    {11, 2, 0, "Time exceeded, Bad Code: 2", "!<11-2>"},
    {12, 0, 0x14000000, "Parameter problem: pointer = 20", "!<12-0>"},
};

const Case kCasesV6[] = {
    {1, 0, 0, "Destination unreachable: No route", "!N"},
    {1, 1, 0, "Destination unreachable: Administratively prohibited", "!X"},
    {1, 2, 0, "Destination unreachable: Beyond scope of source address", "!H"},
    {1, 3, 0, "Destination unreachable: Address unreachable", "!H"},
    {1, 4, 0, "Destination unreachable: Port unreachable", ""},
    {1, 5, 0, "Destination unreachable: Unknown code 5", "!<5>"},
    {2, 0, 1280, "Packet too big: mtu=1280", "!F-1280"},
    {2, 0, 70000, "Packet too big: mtu=70000", "!F-70000"},
    {2, 1, 1280, "Packet too big: mtu=1280, code=1", "!F-1280"},
    {3, 0, 0, "Time exceeded: Hop limit", ""},
    {3, 1, 0, "Time exceeded: Defragmentation failure", "!<3-1>"},
    {3, 2, 0, "Time exceeded: code 2", "!<3-2>"},
    {4, 0, 40, "Parameter problem: Wrong header field at 40", "!<4-0>"},
    {4, 1, 40, "Parameter problem: Unknown header at 40", "!<4-1>"},
    {4, 2, 40, "Parameter problem: Unknown option at 40", "!<4-2>"},
    {4, 3, 40, "Parameter problem: code 3 at 40", "!<4-3>"},
};

void expect_words(const char* source, const char* destination, const char* router, const Case& c) {
  SCOPED_TRACE(std::to_string(c.type) + "/" + std::to_string(c.code));
  const auto quoted = PacketBuilder(source, destination).echo_request(7, 1).build();
  const auto packet = PacketBuilder(router, source).icmp(c.type, c.code, c.rest, quoted).build();
  const auto error = read_answer(packet);
  ASSERT_TRUE(error);
  EXPECT_EQ(ping_words(*error), c.words);
  EXPECT_EQ(trace_mark(*error), c.mark);
}

TEST(ErrorWordsTest, AreThoseOfTheKnownTools) {
  for (const Case& c : kCasesV4) expect_words("10.99.1.1", "10.99.3.2", "10.99.1.2", c);
  for (const Case& c : kCasesV6) expect_words("fd99:1::1", "fd99:3::2", "fd99:1::2", c);
}

}  // namespace
}  // namespace oneping::probe
