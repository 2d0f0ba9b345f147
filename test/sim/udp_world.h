// A world in which a client sends UDP, in either family, carried in each way that there is.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "test/sim/world.h"

namespace oneping::sim {

using tunnel::DatagramVersion;
using tunnel::UdpCarriage;

inline IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

inline UdpClient::Payload numbered(std::uint32_t number, std::size_t size = 4) {
  UdpClient::Payload bytes(std::max<std::size_t>(size, 4));
  store_be32(bytes.data(), number);
  for (std::size_t i = 4; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(number + i);
  bytes.resize(size);
  return bytes;
}

struct Family {
  const char* name;
  const char* client;
  const char* other;
  const char* origin;
  const char* far;
  const char* nowhere;
  const char* edge_hop;
  const char* connector_hop;
  const char* r1;
  const char* r2;
  std::uint8_t exceeded, unreachable, prohibited, port_unreachable;
};

inline const Family kV4 = {"v4",
                           "100.96.0.1",
                           "100.96.0.2",
                           "172.16.10.120",
                           "10.20.30.40",
                           "10.99.0.1",
                           "172.68.101.57",
                           "172.16.10.100",
                           "172.16.10.1",
                           "10.20.1.2",
                           11,
                           3,
                           13,
                           3};
inline const Family kV6 = {"v6",
                           "fd00:100:96::1",
                           "fd00:100:96::2",
                           "fd00:172:16:10::120",
                           "fd00:10:20:30::40",
                           "fd99::1",
                           "fd00:172:68:101::57",
                           "fd00:172:16:10::100",
                           "fd00:172:16:10::1",
                           "fd00:10:20:1::2",
                           3,
                           1,
                           1,
                           4};

struct Way {
  const char* name;
  DatagramVersion datagram;
  UdpCarriage carriage;
  bool by_sessions;  // the edge's wish
  [[nodiscard]] bool has_packets() const {
    return carriage == UdpCarriage::packets && !by_sessions;
  }
};

inline const Way kPacketsV2 = {"packets_v2", DatagramVersion::v2, UdpCarriage::packets, false};
inline const Way kPacketsV3 = {"packets_v3", DatagramVersion::v3, UdpCarriage::packets, false};
inline const Way kSessionsV2 = {"sessions_v2", DatagramVersion::v2, UdpCarriage::sessions, false};
inline const Way kSessionsV3 = {"sessions_v3", DatagramVersion::v3, UdpCarriage::sessions, false};
inline const Way kEdgesWish = {"edges_wish", DatagramVersion::v3, UdpCarriage::packets, true};

struct Case {
  Family family;
  Way way;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.family.name << c.way.name; }
};

inline std::vector<Case> cases(std::initializer_list<Way> ways) {
  std::vector<Case> all;
  for (const Way& way : ways) {
    for (const Family& family : {kV4, kV6}) all.push_back({family, way});
  }
  return all;
}

inline std::string name_of(const testing::TestParamInfo<Case>& info) {
  return std::string(info.param.family.name) + "_" + info.param.way.name;
}

class Udp : public testing::TestWithParam<Case> {
 protected:
  Udp()
      : world({.seed = 6,
               .datagram = GetParam().way.datagram,
               .udp = GetParam().way.carriage,
               .udp_by_sessions = GetParam().way.by_sessions}),
        client(family().client) {}
  void TearDown() override { world.expect_counters_add_up(); }

  static const Family& family() { return GetParam().family; }
  static const Way& way() { return GetParam().way; }
  static SocketAddress origin(std::uint16_t port = 53) { return {address(family().origin), port}; }
  static SocketAddress far(std::uint16_t port) { return {address(family().far), port}; }

  void start() {
    world.start_connector();
    ASSERT_TRUE(world.run_until_ready());
    world.run_for(std::chrono::seconds(1));  // path MTU discovery
  }
  ConnectorNode& node(std::uint8_t number = 1) { return *world.connectors[number]; }
  std::size_t sockets(std::uint8_t number = 1) {
    return node(number).udp_network.open_sockets.size();
  }
  const edge::UdpSessions& sessions() { return world.edge->edge.packets().udp_sessions(); }

  World world;
  UdpClient client;
};

}  // namespace oneping::sim
