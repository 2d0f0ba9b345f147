#include "control/destination.h"

#include <gtest/gtest.h>

namespace oneping::control {
namespace {

TEST(Destination, IsAHostAndPerhapsAPort) {
  struct Case {
    const char* text;
    const char* host;
    int port;  // 0: none
    edge::Transport transport = edge::Transport::tcp;
  };
  const Case cases[] = {
      {"10.1.2.3", "10.1.2.3", 0},
      {"10.1.2.3:443", "10.1.2.3", 443},
      {"10.1.2.3:443/tcp", "10.1.2.3", 443},
      {"10.1.2.3:53/udp", "10.1.2.3", 53, edge::Transport::udp},
      {"db.office:5432", "db.office", 5432},
      {"fd00::3", "fd00::3", 0},
      {"fd00::3:53", "fd00::3:53", 0},  // an address too
      {"[fd00::3]:53/udp", "fd00::3", 53, edge::Transport::udp},
      {"[fd00::3]", "fd00::3", 0},
      {"", "", 0},
  };
  for (const Case& c : cases) {
    const auto read = parse_destination(c.text);
    ASSERT_TRUE(read) << c.text;
    EXPECT_EQ(read->host, c.host) << c.text;
    EXPECT_EQ(read->port ? read->port->number : 0, c.port) << c.text;
    if (read->port) EXPECT_EQ(read->port->transport, c.transport) << c.text;
  }
}

TEST(Destination, IsNothingWhenWhatStandsBehindTheHostIsNoPort) {
  for (const char* text : {"fd00::3:x", "1:2:443", "db.office:0", "db.office:65536",
                           "db.office:443/sctp", "db.office:", "10.1.2.3:99999", "[fd00::3]:"}) {
    EXPECT_FALSE(parse_destination(text)) << text;
  }
}

}  // namespace
}  // namespace oneping::control
