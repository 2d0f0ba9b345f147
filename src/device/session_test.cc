// A device and its edge, through what happens to both.
#include "device/session.h"

#include "device/testing/session_world.h"

namespace oneping::device {
namespace {

using namespace testing;

using SessionTest = SessionWorld;

TEST_F(SessionTest, ComesUpWithWhatTheEdgeGives) {
  EXPECT_EQ(send(), DropReason::link_down);
  const Time began = network.now;
  establish();
  EXPECT_LE(network.now - began, 200ms) << "a few round trips of 20 ms";
  EXPECT_EQ(events.ups, 1);
  EXPECT_EQ(session->addresses(), (std::vector{prefix("100.96.0.7"), prefix("fd00::7")}));
  EXPECT_EQ(masque::prefixes_of(session->routes()),
            (std::vector{prefix("172.16.10.0/24"), prefix("fd10::/64")}));
  EXPECT_EQ(send(), std::nullopt);
  run(100ms);
  EXPECT_EQ(at_edge(), 1u);

  const SessionStatus status = session->status();
  EXPECT_EQ(status.state, SessionState::open);
  EXPECT_EQ(status.path, (quic::Path{local, edge_at[0]}));
  EXPECT_GE(status.round_trip, 20ms);
  EXPECT_LE(status.round_trip, 30ms);
  EXPECT_EQ(status.sessions, 1u);
  EXPECT_EQ(status.sent, 1u);
  EXPECT_FALSE(status.last_problem);
}

// The size grows with the path's discovery, and never was too small for IPv6.
TEST_F(SessionTest, TellsTheSizeOfPackets) {
  establish();
  run(2s);
  ASSERT_FALSE(events.sizes.empty());
  EXPECT_TRUE(std::ranges::is_sorted(events.sizes));
  EXPECT_GE(events.sizes.front(), 1280u);
  EXPECT_EQ(events.sizes.back(), session->status().packet_size);
  EXPECT_GE(session->status().packet_size, 1400u);
}

TEST_F(SessionTest, FollowsTheEdgesTerms) {
  establish();
  edge.last().server->update_session({{prefix("100.96.0.7")}, {prefix("10.0.0.0/8")}}, network.now);
  const Time told = network.now;
  ASSERT_TRUE(run_until([&] { return events.changes > 0 && session->addresses().size() == 1; }));
  EXPECT_LE(network.now - told, 100ms);
  EXPECT_EQ(masque::prefixes_of(session->routes()), (std::vector{prefix("10.0.0.0/8")}));
  run(1s);
  EXPECT_LE(events.changes, 2);
}

// "Edge restarted: back within 3 s."
TEST_F(SessionTest, EdgeThatIsKilledAndStartedIsFoundAgain) {
  establish();
  longest_silence(1s);
  kill_edge();
  longest_silence(500ms);
  start_edge();
  EXPECT_LE(longest_silence(3s), 1s);
  EXPECT_LE(longest_silence(1s), kGap) << "an answer in every gap";
  EXPECT_EQ(session->status().sessions, 2u);
  EXPECT_EQ(edge.open_sessions(), 1u);
}

// At rest nothing is noticed until the next keep-alive, which the new edge answers by a reset.
TEST_F(SessionTest, EdgeThatIsRestartedAtRestIsNoticed) {
  establish();
  run(90s, 20ms);
  kill_edge();
  start_edge();
  const Time started = network.now;
  ASSERT_TRUE(run_until([&] { return events.ups == 2; }));
  EXPECT_LE(network.now - started, 16s);
  ASSERT_EQ(events.downs.size(), 1u);
  EXPECT_EQ(events.downs[0].trouble, Trouble::restarted);
  // With a packet to send it is noticed by that.
  run(90s, 20ms);
  kill_edge();
  start_edge();
  EXPECT_LE(longest_silence(2s), 200ms);
}

// It takes some seconds to start, and hellos are lost.
TEST_F(SessionTest, EdgeThatIsAwayForAWhileIsFoundSoonAfter) {
  for (const Duration away : {Duration(2s), Duration(5s), Duration(12s), Duration(25s)}) {
    SCOPED_TRACE(away.count());
    if (!session->is_up()) establish();
    longest_silence(1s);
    kill_edge();
    run(away);
    start_edge();
    const Time started = network.now;
    ASSERT_TRUE(run_until([&] { return session->is_up(); }));
    EXPECT_LE(network.now - started, 2s);
    run(10s);
  }
}

TEST_F(SessionTest, EdgeThatSaysGoodbyeIsDialledAtOnce) {
  establish();
  run(10s);
  edge.last().server->close(masque::H3Error::no_error, "going");
  edge.ends.back()->server.reset();
  const Time gone = network.now;
  ASSERT_TRUE(run_until([&] { return events.ups == 2; }));
  EXPECT_LE(network.now - gone, 200ms);
  EXPECT_EQ(events.downs[0].trouble, Trouble::closed);
}

// The next one is there before the old one goes.
TEST_F(SessionTest, EdgeThatAnnouncesItsEndIsReplacedWithoutALoss) {
  establish();
  run(3s);
  FakeEdge::End& leaving = edge.last();
  leaving.server->go_away();
  EXPECT_LE(longest_silence(2s), kGap);
  EXPECT_EQ(session->status().sessions, 2u);
  EXPECT_TRUE(events.downs.empty());
  run(3s);
  EXPECT_EQ(edge.open_sessions(), 1u);
  ASSERT_EQ(leaving.closed.size(), 1u);
  EXPECT_EQ(leaving.closed[0].kind, quic::CloseKind::peer);
}

// An edge that takes everybody and throws him out is not dialled in a tight loop.
TEST_F(SessionTest, EdgeThatEndsEverySessionIsDialledEverMoreSlowly) {
  establish();
  for (const Time until = network.now + 2min; network.now < until; run(2ms)) {
    if (edge.open_sessions() == 0) continue;
    edge.last().server->close(masque::H3Error::no_error, "no");
    edge.ends.back()->server.reset();
  }
  EXPECT_LE(dials, 50);
  EXPECT_GE(dials, 15);
}

// "Device moves to another underlay address in the middle of ping -i 0.01: loses less than 0.5 s."
TEST_F(SessionTest, MovesToAnotherNetwork) {
  establish();
  longest_silence(2s);
  local = {hosts[1], port};
  session->on_network_changed(network.now);
  EXPECT_LE(longest_silence(2s), 100ms);
  EXPECT_EQ(session->status().path, (quic::Path{local, edge_at[0]}));
  EXPECT_EQ(session->status().sessions, 1u) << "the same session";
  EXPECT_EQ(edge.last().path_changes, 1);
  EXPECT_TRUE(events.downs.empty());
}

TEST_F(SessionTest, SizeOfPacketsIsHeldWhileItMoves) {
  establish();
  run(2s);
  const std::size_t size = session->link().max_packet_size();
  events.sizes.clear();
  local = {hosts[1], port};
  session->on_network_changed(network.now);
  EXPECT_EQ(session->link().max_packet_size(), size);
  EXPECT_EQ(send(size), DropReason::link_down) << "no word of a smaller size that will be larger";
  EXPECT_EQ(send(size + 1), DropReason::too_big);
  EXPECT_EQ(send(1280), DropReason::link_down) << "the promise of IPv6";
  run(2s);
  EXPECT_EQ(send(size), std::nullopt);
  run(5s);
  EXPECT_TRUE(events.sizes.empty());
}

TEST_F(SessionTest, NarrowerNetworkIsToldWhenItIsCertain) {
  establish();
  run(2s);
  events.sizes.clear();
  network.link.max_udp_payload = 1350;
  local = {hosts[1], port};
  session->on_network_changed(network.now);
  run(5s);
  ASSERT_EQ(events.sizes.size(), 1u);
  EXPECT_GE(events.sizes[0], 1280u);
  EXPECT_LE(events.sizes[0], 1320u);
  EXPECT_TRUE(events.downs.empty());
}

// The host has left one network and is not in the next one yet.
TEST_F(SessionTest, ShortWhileWithoutANetworkEndsNothing) {
  establish();
  longest_silence(1s);
  network.link.loss = 1;
  dial_problem = Problem{Trouble::no_route, "no route"};
  session->on_network_changed(network.now);
  longest_silence(2s);
  network.link.loss = 0;
  dial_problem.reset();
  local = {hosts[1], port};
  session->on_network_changed(network.now);
  EXPECT_LE(longest_silence(1s), 500ms);
  EXPECT_TRUE(events.downs.empty());
}

TEST_F(SessionTest, LongWhileWithoutANetworkIsSaid) {
  establish();
  longest_silence(1s);
  network.link.loss = 1;
  dial_problem = Problem{Trouble::no_route, "this host has no route to the edge"};
  session->on_network_changed(network.now);
  longest_silence(30s, 100ms);
  ASSERT_EQ(events.downs.size(), 1u);
  EXPECT_EQ(session->status().state, SessionState::waiting);
  EXPECT_EQ(session->status().last_problem->text, "this host has no route to the edge");
  network.link.loss = 0;
  dial_problem.reset();
  local = {hosts[1], port};
  session->on_network_changed(network.now);
  EXPECT_LE(longest_silence(2s), 200ms) << "it need not wait for its next try";
}

// A NAT has forgotten us, and answers with nothing.
TEST_F(SessionTest, ForgetfulNatIsSurvived) {
  establish();
  longest_silence(1s);
  network.translate(local, address("192.0.2.99:9"));
  EXPECT_LE(longest_silence(2s), 200ms);
  EXPECT_TRUE(events.downs.empty());
}

// One of the edge's two addresses is gone without a word.
TEST_F(SessionTest, AnotherAddressOfTheEdgeIsTakenWhenOneFallsSilent) {
  edge_at.push_back(address("192.0.2.2:7844"));
  network.attach(edge_at[1], *server);
  establish();
  longest_silence(1s);
  const SocketAddress first = session->status().path->remote;
  network.block(first);
  EXPECT_LE(longest_silence(5s), 1500ms);
  EXPECT_NE(session->status().path->remote, first);
  EXPECT_TRUE(events.downs.empty());
}

TEST_F(SessionTest, ShortSilenceOfTheNetworkLeavesTheSessionAsItIs) {
  establish();
  longest_silence(1s);
  network.link.loss = 1;
  longest_silence(900ms);
  network.link.loss = 0;
  EXPECT_LE(longest_silence(2s), 500ms);
  EXPECT_TRUE(events.downs.empty());
  run(5s);
  EXPECT_EQ(edge.open_sessions(), 1u);
}

TEST_F(SessionTest, AtRestItSaysLittle) {
  establish();
  run(70s, 20ms);
  const std::size_t before = network.packets;
  run(150s, 20ms);
  EXPECT_LE(network.packets - before, 2u * 12) << "a keep-alive and its answer, every 15 s";
  EXPECT_GE(network.packets - before, 2u * 9);
  EXPECT_TRUE(events.downs.empty());
  std::ignore = send();
  const std::size_t busy = network.packets;
  run(30s, 20ms);
  EXPECT_GE(network.packets - busy, 2u * 28) << "one a second while there is traffic";
}

// The host sleeps for an hour; its clock of the packets stands still or goes on, as systems differ.
TEST_F(SessionTest, SleepIsSurvived) {
  for (const bool clock_goes_on : {false, true}) {
    SCOPED_TRACE(clock_goes_on);
    if (!session->is_up()) establish();
    run(3s);
    edge.crash();  // it has given us up long ago
    kill_edge();
    start_edge();
    if (clock_goes_on) network.now += 1h;
    session->on_wake(1h, network.now);
    const Time woke = network.now;
    const auto sessions = session->status().sessions;
    ASSERT_TRUE(run_until([&] { return session->status().sessions > sessions; }));
    EXPECT_LE(network.now - woke, 500ms);
    EXPECT_LE(longest_silence(1s), kGap);
    run(10s);
  }
}

TEST_F(SessionTest, NapLeavesTheSessionAsItIs) {
  establish();
  run(90s, 20ms);
  session->on_wake(5s, network.now);
  EXPECT_LE(longest_silence(2s), kGap);
  run(5s);
  EXPECT_EQ(session->status().sessions, 1u);
  EXPECT_EQ(edge.open_sessions(), 1u);
}

TEST_F(SessionTest, MovesToANewCertificateWithoutALoss) {
  establish();
  longest_silence(1s);
  use_certificate({real_now(), real_now() + 60 * 24h});
  session->on_new_certificate({real_now(), real_now() + 60 * 24h}, network.now);
  EXPECT_LE(longest_silence(2s), kGap);
  run(3s);
  EXPECT_EQ(session->status().sessions, 2u);
  EXPECT_EQ(session->status().path->local.port, port) << "by the new endpoint";
  EXPECT_EQ(clients.front()->connections(), 0u);
  EXPECT_EQ(edge.open_sessions(), 1u);
}

TEST_F(SessionTest, RequestsAreAnsweredOrFail) {
  std::vector<int> statuses;
  const auto note = [&](std::optional<masque::HttpResponse> response, Time) {
    statuses.push_back(response ? response->status : -1);
  };
  session->request({.method = "GET", .path = "/x"}, note, network.now);
  EXPECT_EQ(statuses, std::vector{-1}) << "there is no session yet";
  establish();
  session->request({.method = "GET", .path = "/x"}, note, network.now);
  run(200ms);
  EXPECT_EQ(statuses, (std::vector{-1, 404}));
  edge.answers = false;
  session->request({.method = "GET", .path = "/x"}, note, network.now);
  run(200ms);
  kill_edge();
  start_edge();
  ASSERT_TRUE(run_until([&] { return statuses.size() == 3; }));
  EXPECT_EQ(statuses.back(), -1);
}

TEST_F(SessionTest, StopsForGood) {
  establish();
  session->stop(network.now);
  network.flush();
  run(60s, 20ms);
  EXPECT_EQ(dials, 1);
  EXPECT_EQ(send(), DropReason::link_down);
  EXPECT_EQ(session->next_deadline(), kNever);
  EXPECT_EQ(edge.open_sessions(), 0u);
  ASSERT_EQ(edge.last().closed.size(), 1u);
  EXPECT_EQ(edge.last().closed[0].kind, quic::CloseKind::peer) << "it said so";
}

}  // namespace
}  // namespace oneping::device
