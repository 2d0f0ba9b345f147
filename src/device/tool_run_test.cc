// A tool over a session of its own, from the first hello to its exit code.
#include "device/tool_run.h"

#include "device/testing/session_world.h"
#include "probe/ping.h"
#include "wire/icmp.h"

namespace oneping::device {
namespace {

using namespace testing;
using probe::Ping;

class ToolRunTest : public EdgeWorld,
                    protected ToolRunEvents,
                    private probe::TextSink,
                    private probe::NameSource {
 protected:
  ToolRunTest() {
    edge.hops.hops = {
        {.role = "edge", .addresses = {*IpAddress::parse("172.68.101.57")}, .rtt = {}},
        {.role = "connector", .addresses = {}, .rtt = 3ms}};
    edge.when_packet = [this](FakeEdge::End& end, Bytes packet) { answer(end, packet); };
  }
  ~ToolRunTest() override { run_.reset(); }

  void begin(std::vector<const char*> to) {
    std::vector<IpAddress> addresses;
    for (const char* each : to) addresses.push_back(*IpAddress::parse(each));
    const auto key = *quic::csr_key_pin(device_key().request_pem);
    auto made = ToolRun::make(
        {.edge = "edge.example:7844",
         .name = "laptop",
         .key_pem = device_key().key_pem,
         .certificate = *read_chain(certificate, key, *quic::key_pin(authority().ca_pem)),
         .wall_clock = [this] { return wall(); }},
        addresses, static_cast<Dialer&>(*this), static_cast<ToolRunEvents&>(*this), pool,
        network.random);
    ASSERT_TRUE(made) << made.error().message;
    run_ = std::move(*made);
    run_->start(network.now);
  }
  void turn(Time now) override {
    if (run_->next_deadline() <= now) run_->on_time(now);
    run_->run(now);
  }
  [[nodiscard]] bool ends(Duration within = 30s) {
    return run_until([&] { return run_->is_done(); }, within);
  }
  [[nodiscard]] std::string failure() const {
    return run_->failure() ? run_->failure()->message : "";
  }

  std::unique_ptr<probe::Tool> make_tool(const Way& way, Link& link) override {
    ways.push_back(way);
    probe::PingOptions options{
        .host = "db", .source = way.source, .destination = way.destination, .count = count};
    options.interval = 100ms;
    options.naming = probe::Naming::numeric;
    options.legs = true;
    return std::make_unique<Ping>(options,
                                  probe::ToolHost{link, pool, network.random, *this, *this});
  }
  void on_session_lost(const Problem& why) override { losses.push_back(why); }
  void on_renewed(const CertificateChain& chain, Time now) override {
    ++renewals;
    use_certificate(chain.validity);
    run_->on_new_certificate(now);
  }
  void out(std::string_view text) override { output += text; }
  void err(std::string_view text) override { output += text; }
  void ask(const IpAddress&) override {}

  // As the destination would.
  void answer(FakeEdge::End& end, Bytes packet) {
    const auto request = IpView::parse(packet);
    ASSERT_TRUE(request);
    const auto icmp = IcmpView::parse(*request);
    ASSERT_TRUE(icmp);
    const IpHeader header{
        .source = request->destination(), .destination = request->source(), .hop_limit = 62};
    auto reply =
        make_echo(pool, EchoType::reply, header, {icmp->id, icmp->sequence}, icmp->payload);
    ASSERT_TRUE(reply);
    std::ignore = end.server->link().send(*reply, network.now);
  }

  std::uint64_t count = 3;
  std::vector<Way> ways;
  std::vector<Problem> losses;
  int renewals = 0;
  std::string output;
  std::unique_ptr<ToolRun> run_;
};

TEST_F(ToolRunTest, PingGoesThroughAndKnowsTheParts) {
  for (const char* to : {"172.16.10.120", "fd10::120"}) {
    output.clear();
    ways.clear();
    begin({to});
    ASSERT_TRUE(ends()) << to;
    EXPECT_EQ(run_->exit_code(), 0) << output;
    EXPECT_NE(output.find("3 packets transmitted, 3 received"), output.npos) << output;
    EXPECT_NE(output.find("legs device-edge/edge-connector/connector-host"), output.npos) << output;
    ASSERT_EQ(ways.size(), 1u);
    EXPECT_EQ(ways[0].source, *IpAddress::parse(ways[0].source.is_v4() ? "100.96.0.7" : "fd00::7"));
    EXPECT_EQ(ways[0].roles.edge, std::vector{*IpAddress::parse("172.68.101.57")});
  }
}

TEST_F(ToolRunTest, TheFirstAddressThatCanBeReachedIsTaken) {
  edge.grant->addresses = {prefix("100.96.0.7")};
  begin({"fd10::120", "192.0.2.200", "172.16.10.120"});
  ASSERT_TRUE(ends());
  ASSERT_EQ(ways.size(), 1u) << failure();
  EXPECT_EQ(ways[0].destination, *IpAddress::parse("172.16.10.120"));
}

TEST_F(ToolRunTest, AnEdgeWithoutAWordOnTheWayIsNotWaitedForLong) {
  edge.answers = false;
  begin({"172.16.10.120"});
  const Time begun = network.now;
  ASSERT_TRUE(run_until([&] { return !ways.empty(); }));
  EXPECT_LE(network.now - begun, ToolRun::kFirstWord + 500ms);
  EXPECT_TRUE(ways[0].roles.edge.empty());
  ASSERT_TRUE(ends());
  EXPECT_EQ(run_->exit_code(), 0);
}

TEST_F(ToolRunTest, RoutesMayComeAMomentLater) {
  edge.grant->routes = {};
  begin({"172.16.10.120"});
  run(500ms);
  ASSERT_TRUE(ways.empty());
  edge.last().server->update_session({{prefix("100.96.0.7")}, {prefix("172.16.0.0/16")}},
                                     network.now);
  ASSERT_TRUE(ends());
  EXPECT_EQ(run_->exit_code(), 0) << failure();
}

TEST_F(ToolRunTest, WhatCannotBeReachedIsSaid) {
  begin({"10.99.0.1"});
  ASSERT_TRUE(ends(2s));
  EXPECT_EQ(failure(), "the edge has no route to 10.99.0.1");
  edge.grant->addresses = {prefix("100.96.0.7")};
  begin({"fd10::120"});
  ASSERT_TRUE(ends(2s));
  EXPECT_EQ(failure(), "the edge gave this device no IPv6 address, as fd10::120 takes");
  EXPECT_TRUE(ways.empty());
}

TEST_F(ToolRunTest, RefusalEndsItAtOnce) {
  edge.grant = tl::make_unexpected(masque::SessionRefusal{403, "this device is revoked"});
  begin({"172.16.10.120"});
  ASSERT_TRUE(ends(1s));
  EXPECT_NE(failure().find("this device is revoked"), std::string::npos) << failure();
}

TEST_F(ToolRunTest, NoRouteToTheEdgeEndsItAtOnce) {
  dial_problem = Problem{Trouble::no_route, "this host has no route to the edge at 192.0.2.1"};
  begin({"172.16.10.120"});
  ASSERT_TRUE(ends(1ms));
  EXPECT_EQ(failure(), dial_problem->text);
}

TEST_F(ToolRunTest, SilentEdgeEndsItAfterAWhile) {
  kill_edge();
  begin({"172.16.10.120"});
  const Time begun = network.now;
  ASSERT_TRUE(ends());
  EXPECT_LE(network.now - begun, ToolRun::kPatience + 1s);
  EXPECT_NE(failure().find("the edge does not answer"), std::string::npos) << failure();
}

TEST_F(ToolRunTest, SecondAddressOfTheEdgeIsTriedInTime) {
  edge_at.insert(edge_at.begin(), address("192.0.2.99:7844"));
  begin({"172.16.10.120"});
  ASSERT_TRUE(ends());
  EXPECT_EQ(failure(), "");
}

TEST_F(ToolRunTest, InterruptBeforeTheSessionEndsIt) {
  kill_edge();
  begin({"172.16.10.120"});
  run(100ms);
  run_->interrupt();
  EXPECT_TRUE(run_->is_done());
  EXPECT_NE(failure(), "");
}

TEST_F(ToolRunTest, LostSessionIsHostUnreachableUntilItIsBack) {
  count = 80;
  begin({"172.16.10.120"});
  run(6s);
  ASSERT_EQ(ways.size(), 1u) << failure();
  edge.refuses_requests = "busy";
  edge.last().server->close(masque::H3Error::no_error, "maintenance");
  dial_problem = Problem{Trouble::no_route, "the network is gone"};
  run(1s);
  ASSERT_EQ(losses.size(), 1u);
  EXPECT_NE(output.find("From 100.96.0.7 icmp_seq="), output.npos) << output;
  EXPECT_NE(output.find("Destination Host Unreachable"), output.npos) << output;
  dial_problem.reset();
  ASSERT_TRUE(ends());
  EXPECT_EQ(run_->exit_code(), 0);
  EXPECT_EQ(output.find(" 0 received"), output.npos) << output;
  EXPECT_NE(output.rfind("icmp_seq=80 ttl=62"), output.npos) << output;
}

TEST_F(ToolRunTest, SessionLostBeforeTheToolBeginsIsAskedForAgain) {
  edge.answers = false;
  begin({"172.16.10.120"});
  ASSERT_TRUE(run_until([&] { return edge.open_sessions() == 1; }));
  run(100ms);
  edge.last().server->close(masque::H3Error::no_error, "maintenance");
  run(10ms);
  EXPECT_TRUE(ways.empty());
  ASSERT_TRUE(ends());
  EXPECT_EQ(run_->exit_code(), 0) << failure();
  EXPECT_TRUE(losses.empty());
}

TEST_F(ToolRunTest, CertificateIsRenewedOnTheWay) {
  use_certificate({real_now() - 25 * 24h, real_now() + 5 * 24h});
  begin({"172.16.10.120"});
  ASSERT_TRUE(ends());
  EXPECT_EQ(renewals, 1);
  EXPECT_EQ(run_->exit_code(), 0);
}

}  // namespace
}  // namespace oneping::device
