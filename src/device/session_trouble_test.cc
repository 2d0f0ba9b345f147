// Why there is no session, by real handshakes that fail; and how soon it is tried again.
#include "device/testing/session_world.h"

namespace oneping::device {
namespace {

using namespace testing;

class SessionTroubleTest : public SessionWorld {
 protected:
  // The first failure.
  Problem problem() {
    session->start(network.now);
    EXPECT_TRUE(run_until([&] { return !events.failures.empty(); }, 10s));
    EXPECT_FALSE(session->is_up());
    return events.failures.empty() ? Problem{} : events.failures[0];
  }
  int dials_within(Duration span) {
    const int before = dials;
    run(span, 5ms);
    return dials - before;
  }
};

TEST_F(SessionTroubleTest, RevokedDevice) {
  edge.grant = tl::make_unexpected(masque::SessionRefusal{403, "the device 'laptop' is revoked"});
  const Problem why = problem();
  EXPECT_EQ(why.trouble, Trouble::refused);
  EXPECT_EQ(why.text, "the edge refused the session (status 403): the device 'laptop' is revoked");
  EXPECT_EQ(dials_within(50s), 0);
  EXPECT_EQ(dials_within(15s), 1) << "it may be let in again";
}

TEST_F(SessionTroubleTest, RevokedInItsSession) {
  establish();
  run(10s);
  edge.grant = tl::make_unexpected(masque::SessionRefusal{403, "revoked"});
  edge.last().server->end_session();
  const Time revoked = network.now;
  ASSERT_TRUE(run_until([&] { return !events.downs.empty() && !events.failures.empty(); }));
  EXPECT_LE(network.now - revoked, 1s);
  EXPECT_EQ(events.failures[0].trouble, Trouble::refused);
  EXPECT_EQ(dials_within(50s), 0);
  EXPECT_EQ(edge.open_sessions(), 0u);
}

TEST_F(SessionTroubleTest, EdgeThatIsFull) {
  edge.grant = tl::make_unexpected(masque::SessionRefusal{503, "full"});
  EXPECT_EQ(problem().trouble, Trouble::no_session);
  edge.grant = masque::SessionGrant{{prefix("100.96.0.7")}, {}};
  EXPECT_TRUE(run_until([&] { return session->is_up(); }, 3s));
}

TEST_F(SessionTroubleTest, ExpiredCertificate) {
  const quic::Validity past{real_now() - 48h, real_now() - 24h};
  use_certificate(past);
  session->on_new_certificate(past, network.now);
  const Problem why = problem();
  EXPECT_EQ(why.trouble, Trouble::certificate_expired);
  EXPECT_EQ(why.text, "the device's certificate expired on " + to_text(past.not_after) +
                          ": enroll the device again");
  EXPECT_EQ(dials_within(50s), 0);
}

// The same, but this host's clock is two days behind.
TEST_F(SessionTroubleTest, ClockThatIsBehind) {
  const quic::Validity past{real_now() - 72h, real_now() - 24h};
  use_certificate(past);
  session->on_new_certificate(past, network.now);
  clock_error = -48h;
  EXPECT_EQ(problem().trouble, Trouble::wrong_clock);
  EXPECT_GE(dials_within(30s), 2) << "a clock may be set at any time";
}

TEST_F(SessionTroubleTest, ClockThatStandsAtItsBeginning) {
  const quic::Validity future{real_now() + 24h, real_now() + 48h};
  use_certificate(future);
  session->on_new_certificate(future, network.now);
  const Problem why = problem();
  EXPECT_EQ(why.trouble, Trouble::wrong_clock);
  EXPECT_NE(why.text.find("set the clock"), why.text.npos) << why.text;
  // It is set.
  use_certificate(ours());
  session->on_new_certificate(ours(), network.now);
  session->on_wake({}, network.now);
  const Time set = network.now;
  EXPECT_TRUE(run_until([&] { return session->is_up(); }));
  EXPECT_LE(network.now - set, 200ms);
}

TEST_F(SessionTroubleTest, AnotherEdge) {
  kill_edge();
  start_edge(other_authority());
  const Problem why = problem();
  EXPECT_EQ(why.trouble, Trouble::wrong_edge);
  EXPECT_NE(why.text.find("not the edge that the device was enrolled at"), why.text.npos)
      << why.text;
  EXPECT_TRUE(edge.requests.empty());
  EXPECT_EQ(edge.session_requests, 0);
  EXPECT_EQ(dials_within(50s), 0);
}

TEST_F(SessionTroubleTest, EdgeThatNeverAnswers) {
  kill_edge();
  const Problem why = problem();
  EXPECT_EQ(why.trouble, Trouble::no_answer);
  EXPECT_EQ(why.text, "the edge does not answer (is it up, does UDP get through?)");
  EXPECT_GE(dials_within(60s), 5);
}

TEST_F(SessionTroubleTest, NoRoute) {
  dial_problem = Problem{Trouble::no_route, "no route"};
  EXPECT_EQ(problem().trouble, Trouble::no_route);
  EXPECT_EQ(session->status().state, SessionState::waiting);
  dial_problem.reset();
  session->on_network_changed(network.now);
  const Time changed = network.now;
  EXPECT_TRUE(run_until([&] { return session->is_up(); }));
  EXPECT_LE(network.now - changed, 200ms);
}

// The first hello leaves from an address that is no longer ours.
TEST_F(SessionTroubleTest, NetworkThatChangesMeanwhile) {
  network.block(local);
  session->start(network.now);
  run(1s);
  local = {hosts[1], port};
  session->on_network_changed(network.now);
  const Time changed = network.now;
  EXPECT_TRUE(run_until([&] { return session->is_up(); }));
  EXPECT_LE(network.now - changed, 200ms);
  EXPECT_TRUE(events.failures.empty());
}

// A session with IPv6 needs packets of 1280 bytes.
TEST_F(SessionTroubleTest, PathThatIsTooNarrow) {
  network.link.max_udp_payload = 1250;
  session->start(network.now);
  ASSERT_TRUE(run_until([&] { return !events.failures.empty(); }, 20s));
  EXPECT_EQ(events.failures[0].trouble, Trouble::no_session);
  EXPECT_NE(events.failures[0].text.find("1280"), std::string::npos) << events.failures[0].text;
}

TEST_F(SessionTroubleTest, EdgeThatDoesNotAnswerTheRequestForASession) {
  edge.options.session_patience = 1h;
  network.link.max_udp_payload = 1250;  // so that it waits for the path
  session->start(network.now);
  EXPECT_TRUE(run_until([&] { return !events.failures.empty(); }, 20s));
  EXPECT_FALSE(session->is_up());
}

}  // namespace
}  // namespace oneping::device
