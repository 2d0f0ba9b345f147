// The device as its host sees it: packets and errors, and what its interface is to be like.
#include "device/device.h"

#include "device/testing/fake_link.h"
#include "device/testing/session_world.h"
#include "wire/icmp.h"

namespace oneping::device {
namespace {

using namespace testing;

class DeviceTest : public EdgeWorld, private DeviceEvents {
 protected:
  DeviceTest() {
    const auto key = *quic::csr_key_pin(device_key().request_pem);
    auto made = Device::make(
        {.edge = "edge.example:7844",
         .name = "laptop",
         .key_pem = device_key().key_pem,
         .certificate = *read_chain(certificate, key, *quic::key_pin(authority().ca_pem)),
         .wall_clock = [this] { return wall(); }},
        static_cast<Dialer&>(*this), host, static_cast<DeviceEvents&>(*this), pool, network.random);
    EXPECT_TRUE(made) << made.error().message;
    device = std::move(*made);
  }
  ~DeviceTest() override {
    EXPECT_EQ(device->path().to_edge().packets.held(), 0u);
    EXPECT_EQ(device->path().from_edge().packets.held(), 0u);
    device.reset();
  }
  void turn(Time now) override {
    if (device->next_deadline() <= now) device->on_time(now);
    device->run(now);
  }
  void establish() {
    device->start(network.now);
    ASSERT_TRUE(run_until([&] { return device->is_up(); }));
  }
  void send_echo(const char* from, const char* to, std::size_t data = 56) {
    const IpHeader header{
        .source = *IpAddress::parse(from), .destination = *IpAddress::parse(to), .hop_limit = 64};
    auto packet = make_echo(pool, EchoType::request, header, {7, 1}, Octets(data));
    ASSERT_TRUE(packet);
    device->on_host_packet(std::move(*packet), network.now);
  }

  void on_plan_changed(const InterfacePlan& plan, Time) override { plans.push_back(plan); }
  void on_session_up(Time) override { ++ups; }
  void on_session_down(const Problem&, Time) override { ++downs; }
  void on_attempt_failed(const Problem&, Time) override { ++failures; }
  void on_renewed(const CertificateChain& chain, Time now) override {
    renewed.push_back(chain);
    use_certificate(chain.validity);
    device->on_new_certificate(now);
  }

  FakeLink host;
  std::vector<InterfacePlan> plans;
  int ups = 0;
  int downs = 0;
  int failures = 0;
  std::vector<CertificateChain> renewed;
  std::unique_ptr<Device> device;
};

TEST_F(DeviceTest, InterfaceIsAsTheEdgeSays) {
  establish();
  run(2s);
  ASSERT_FALSE(plans.empty());
  EXPECT_EQ(plans.front().addresses,
            (std::vector{*IpAddress::parse("100.96.0.7"), *IpAddress::parse("fd00::7")}));
  EXPECT_EQ(plans.front().routes, (std::vector{prefix("172.16.10.0/24"), prefix("fd10::/64")}));
  EXPECT_GE(plans.front().mtu, 1280u);
  EXPECT_GE(plans.back().mtu, 1400u) << "as the path turns out";
  EXPECT_LE(plans.size(), 4u);
  EXPECT_EQ(plans.back(), device->plan());
}

TEST_F(DeviceTest, RoutesFollowTheEdgeWithinASecond) {
  establish();
  run(2s);
  const InterfacePlan told = device->plan();
  edge.last().server->update_session(
      {{prefix("100.96.0.7"), prefix("fd00::7")}, {prefix("10.0.0.0/8")}}, network.now);
  const Time changed = network.now;
  ASSERT_TRUE(
      run_until([&] { return device->plan().routes == std::vector{prefix("10.0.0.0/8")}; }, 1s));
  EXPECT_LE(network.now - changed, 100ms);
  EXPECT_EQ(device->plan().mtu, told.mtu);
  send_echo("100.96.0.7", "172.16.10.120");
  EXPECT_EQ(host.sent.size(), 1u) << "net unreachable";
}

// The edge's own addresses never lead into the tunnel, whatever is advertised.
TEST_F(DeviceTest, EdgeItselfIsNotRoutedIntoTheTunnel) {
  edge_at.push_back(address("192.0.2.3:7844"));
  edge.grant->routes = {prefix("192.0.2.0/30")};
  establish();
  EXPECT_EQ(device->plan().routes, (std::vector{prefix("192.0.2.0/32"), prefix("192.0.2.2/32")}));
  send_echo("100.96.0.7", "192.0.2.1");
  run(100ms);
  EXPECT_EQ(at_edge(), 0u);
}

TEST_F(DeviceTest, NewAddressOfTheEdgeIsNotRoutedIntoTheTunnelEither) {
  edge.grant->routes = {prefix("192.0.2.0/28")};
  establish();
  run(2s);
  kill_edge();
  edge_at[0] = address("192.0.2.9:7844");
  run(20s, 5ms);
  ASSERT_FALSE(device->is_up());
  for (const Prefix& route : device->plan().routes) {
    EXPECT_FALSE(route.contains(edge_at[0].address)) << route.to_string();
  }
  EXPECT_GE(device->plan().mtu, 1400u) << "nothing else has changed";
}

TEST_F(DeviceTest, PacketsPassBothWays) {
  establish();
  edge.when_packet = [this](FakeEdge::End& end, Bytes bytes) {
    const auto ip = IpView::parse(bytes);
    const auto icmp = IcmpView::parse(*ip);
    const IpHeader header{
        .source = ip->destination(), .destination = ip->source(), .hop_limit = 62};
    auto reply =
        make_echo(pool, EchoType::reply, header, {icmp->id, icmp->sequence}, icmp->payload);
    EXPECT_EQ(end.server->link().send(*reply, network.now), std::nullopt);
  };
  send_echo("100.96.0.7", "172.16.10.120");
  send_echo("fd00::7", "fd10::120");
  run(100ms);
  ASSERT_EQ(host.sent.size(), 2u);
  EXPECT_EQ(IpView::parse(host.sent[0])->source(), *IpAddress::parse("172.16.10.120"));
  EXPECT_EQ(IpView::parse(host.sent[1])->source(), *IpAddress::parse("fd10::120"));
  EXPECT_EQ(device->path().to_edge().packets.forwarded(), 2u);
  EXPECT_EQ(device->path().from_edge().packets.forwarded(), 2u);
}

// Every size is answered by the path or by its MTU, at any moment of the path's discovery.
TEST_F(DeviceTest, NoSizeIsLostQuietlyOnceThePathIsKnown) {
  establish();
  run(2s);
  for (std::size_t size = 1200; size <= 1500; ++size) {
    SCOPED_TRACE(size);
    const std::size_t arrived = at_edge();
    host.sent.clear();
    send_echo("100.96.0.7", "172.16.10.120", size - 28);
    run(20ms);
    EXPECT_EQ(at_edge() - arrived + host.sent.size(), 1u);
    EXPECT_EQ(size <= device->plan().mtu, host.sent.empty());
  }
}

TEST_F(DeviceTest, WithoutASessionTheHostIsTold) {
  establish();
  run(2s);
  const InterfacePlan plan = device->plan();
  kill_edge();
  run(20s, 5ms);
  EXPECT_FALSE(device->is_up());
  EXPECT_EQ(downs, 1);
  EXPECT_EQ(device->plan(), plan) << "what was there stays";
  send_echo("100.96.0.7", "172.16.10.120");
  ASSERT_EQ(host.sent.size(), 1u);
  const auto told = IcmpView::parse(*IpView::parse(host.sent[0]));
  EXPECT_EQ(told->type, 3);
  EXPECT_EQ(told->code, 1) << "host unreachable";
  start_edge();
  ASSERT_TRUE(run_until([&] { return device->is_up(); }));
  host.sent.clear();
  send_echo("100.96.0.7", "172.16.10.120");
  run(100ms);
  EXPECT_EQ(at_edge(), 1u);
  EXPECT_TRUE(host.sent.empty());
  run(5s);
  EXPECT_EQ(device->plan(), plan);
}

// An address that a host cannot have is not given to it.
TEST_F(DeviceTest, NonsenseOfTheEdgeDoesNotReachTheHost) {
  edge.grant->addresses = {prefix("127.0.0.5"), prefix("169.254.1.1"), prefix("100.96.0.7"),
                           prefix("224.0.0.1")};
  edge.grant->routes = {prefix("127.0.0.0/8"), prefix("10.0.0.0/8"), prefix("ff00::/8")};
  establish();
  EXPECT_EQ(device->plan().addresses, std::vector{*IpAddress::parse("100.96.0.7")});
  EXPECT_EQ(device->plan().routes, std::vector{prefix("10.0.0.0/8")});
}

TEST_F(DeviceTest, RenewsItsCertificateAndGoesOnWithIt) {
  establish();
  run(2s);
  edge.lifetime = 60 * 24h;
  clock_error = 25 * 24h;
  device->on_wake({}, network.now);
  run(5s);
  ASSERT_EQ(renewed.size(), 1u);
  EXPECT_EQ(device->certificate_validity(), renewed[0].validity);
  EXPECT_EQ(device->status().sessions, 2u);
  EXPECT_EQ(device->status().path->local.port, port);
  EXPECT_EQ(downs, 0);
}

}  // namespace
}  // namespace oneping::device
