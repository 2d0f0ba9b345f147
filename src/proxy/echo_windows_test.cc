// The echo backend of Windows against helper functions that the test plays.
#include "proxy/echo_windows.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "proxy/icmp_helper_status.h"
#include "proxy/testing/fake_icmp_helper.h"

namespace oneping {
namespace {

using testing_support::FakeHost;
using testing_support::FakeIcmpHelper;
using testing_support::HelperAnswer;

IpAddress address(const char* text) { return *IpAddress::parse(text); }

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

// Outcomes with memory.
struct Outcomes final : EchoReplies {
  struct Outcome {
    EchoSlot slot;
    IpAddress from;  // of a failure: nobody
    std::uint8_t type = 0, code = 0;
    std::uint32_t parameter = 0;
    std::uint8_t hop_limit = 0, traffic_class = 0;
    std::vector<std::uint8_t> payload;
    IpAddress destination;
    DropReason reason{};
    std::size_t mtu = 0;
    bool was_sent = false;
  };
  void on_echo_reply(const EchoSlot& slot, const EchoReply& reply, Time) override {
    replies.push_back({.slot = slot,
                       .from = reply.source,
                       .hop_limit = reply.hop_limit,
                       .traffic_class = reply.traffic_class,
                       .payload = {reply.payload.begin(), reply.payload.end()}});
    if (then) then();
  }
  void on_echo_error(const EchoSlot& slot, const EchoError& error, Time) override {
    EXPECT_TRUE(error.extensions.empty());
    errors.push_back({.slot = slot,
                      .from = error.offender,
                      .type = error.type,
                      .code = error.code,
                      .parameter = error.parameter,
                      .hop_limit = error.hop_limit,
                      .traffic_class = error.traffic_class,
                      .payload = {error.payload.begin(), error.payload.end()},
                      .destination = error.destination});
  }
  bool on_echo_failure(const EchoSlot& slot, const EchoFailure& failure, Time) override {
    failures.push_back({.slot = slot,
                        .payload = {failure.payload.begin(), failure.payload.end()},
                        .destination = failure.destination,
                        .reason = failure.reason,
                        .mtu = failure.mtu,
                        .was_sent = failure.was_sent});
    return is_told;
  }
  [[nodiscard]] std::size_t size() const {
    return replies.size() + errors.size() + failures.size();
  }
  std::vector<Outcome> replies, errors, failures;
  bool is_told = true;
  std::function<void()> then;
};

struct Family {
  const char* name;
  EchoChannelKind dont_fragment, may_fragment;
  IpAddress destination, router, own;
  std::uint8_t exceeded, unreachable;
  [[nodiscard]] bool is_v4() const { return destination.is_v4(); }
  friend void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }
};

const Family kFamilies[] = {
    {"v4", EchoChannelKind::v4_dont_fragment, EchoChannelKind::v4_may_fragment,
     address("10.77.3.2"), address("10.77.1.1"), address("10.77.1.9"), 11, 3},
    {"v6", EchoChannelKind::v6_dont_fragment, EchoChannelKind::v6_may_fragment,
     address("fd00:77:3::2"), address("fd00:77:1::1"), address("fd00:77:1::9"), 3, 1}};

class EchoWindowsTest : public testing::TestWithParam<Family> {
 protected:
  EchoWindowsTest() { host.own.insert(GetParam().own); }

  [[nodiscard]] EchoSlot slot(std::uint16_t sequence) const {
    return {GetParam().may_fragment, 0, sequence};
  }
  std::optional<DropReason> send(const EchoSlot& slot, Bytes payload,
                                 std::optional<std::uint8_t> hop_limit = 7,
                                 std::uint8_t traffic_class = 0) {
    return echo->send(slot,
                      {.destination = GetParam().destination,
                       .hop_limit = hop_limit,
                       .traffic_class = traffic_class,
                       .payload = payload},
                      now);
  }
  std::optional<DropReason> send(std::uint16_t sequence) { return send(slot(sequence), data); }
  // Sends one, which ends so.
  void exchange(const HelperAnswer& answer) {
    ASSERT_EQ(send(1), std::nullopt);
    helper.finish(0, answer);
    echo->on_completions(outcomes, now);
  }

  const std::vector<std::uint8_t> data = bytes_of("abcdefgh");
  FakeIcmpHelper helper;
  FakeHost host;
  Outcomes outcomes;
  Time now{};
  std::unique_ptr<EchoWindows> echo =
      std::make_unique<EchoWindows>(EchoWindows::Options{}, helper, host);
};
INSTANTIATE_TEST_SUITE_P(Families, EchoWindowsTest, testing::ValuesIn(kFamilies),
                         [](const auto& each) { return each.param.name; });

TEST_P(EchoWindowsTest, ARequestGoesOutWithItsHopLimitItsClassAndItsFlag) {
  ASSERT_EQ(send(slot(1), data, 3, 0xb8), std::nullopt);
  ASSERT_EQ(send({GetParam().dont_fragment, 0, 2}, data, std::nullopt), std::nullopt);
  ASSERT_EQ(helper.pending.size(), 2u);
  const IcmpHelperRequest& first = helper.pending[0].request;
  EXPECT_EQ(first.destination, GetParam().destination);
  EXPECT_EQ(first.hop_limit, 3);
  EXPECT_EQ(first.traffic_class, 0xb8);
  EXPECT_FALSE(first.dont_fragment);
  EXPECT_EQ(bytes_of({reinterpret_cast<const char*>(first.payload.data()), first.payload.size()}),
            data);
  EXPECT_EQ(first.timeout, std::chrono::seconds(5));
  const IcmpHelperRequest& second = helper.pending[1].request;
  EXPECT_EQ(second.hop_limit, 128) << "what Windows sends with";
  EXPECT_EQ(second.dont_fragment, GetParam().is_v4());
  helper.finish(0, {.status = 11010, .source = {}});
  helper.finish(0, {.status = 11010, .source = {}});
}

TEST_P(EchoWindowsTest, AReplyComesBackWithWhatTheSystemTells) {
  exchange(
      {.source = GetParam().destination, .payload = data, .hop_limit = 61, .traffic_class = 0x28});
  ASSERT_EQ(outcomes.size(), 1u);
  const auto& reply = outcomes.replies.at(0);
  EXPECT_EQ(reply.slot, slot(1));
  EXPECT_EQ(reply.from, GetParam().destination);
  EXPECT_EQ(reply.payload, data);
  EXPECT_EQ(reply.hop_limit, GetParam().is_v4() ? 61 : 64);
  EXPECT_EQ(reply.traffic_class, GetParam().is_v4() ? 0x28 : 0);
  EXPECT_EQ(echo->receive_counters().forwarded(), 1u);
}

TEST_P(EchoWindowsTest, WithoutDataARequestIsAsGoodAsAnother) {
  ASSERT_EQ(send(slot(1), {}), std::nullopt);
  helper.finish(0, {.source = GetParam().destination});
  echo->on_completions(outcomes, now);
  ASSERT_EQ(outcomes.replies.size(), 1u);
  EXPECT_TRUE(outcomes.replies[0].payload.empty());
}

// What the host really says counts: whether it is the right answer is for the proxy to judge.
TEST_P(EchoWindowsTest, AReplyFromElsewhereIsToldAsFromElsewhere) {
  exchange({.source = GetParam().router, .payload = data});
  EXPECT_EQ(outcomes.replies.at(0).from, GetParam().router);
}

TEST_P(EchoWindowsTest, AnErrorComesFromTheRouterAndQuotesTheRequest) {
  exchange({.status = 11013, .source = GetParam().router});
  ASSERT_EQ(outcomes.size(), 1u);
  const auto& error = outcomes.errors.at(0);
  EXPECT_EQ(error.slot, slot(1));
  EXPECT_EQ(error.from, GetParam().router);
  EXPECT_EQ(error.destination, GetParam().destination);
  EXPECT_EQ(error.type, GetParam().exceeded);
  EXPECT_EQ(error.code, 0);
  EXPECT_EQ(error.payload, data);
}

TEST_P(EchoWindowsTest, TooBigHasTheMtuThatAlwaysFitsOrNone) {
  exchange({.status = 11009, .source = GetParam().router});
  EXPECT_EQ(outcomes.errors.at(0).parameter, GetParam().is_v4() ? 0u : 1280u);
  exchange({.status = 11009, .source = GetParam().own});
  EXPECT_EQ(outcomes.failures.at(0).reason, DropReason::too_big);
  EXPECT_EQ(outcomes.failures.at(0).mtu, GetParam().is_v4() ? 0u : 1280u);
}

// Every status there may be: it is one outcome or none, and no other than the table's.
TEST_P(EchoWindowsTest, EachStatusIsTheOutcomeOfTheTable) {
  using Kind = IcmpStatusMeaning::Kind;
  const IpFamily family = GetParam().destination.family();
  std::uint64_t silent = 0;
  for (std::uint32_t status = 0; status < 11100; status = status == 0 ? 10990 : status + 1) {
    SCOPED_TRACE(status);
    outcomes = {};
    exchange({.status = status, .source = GetParam().router, .payload = data});
    const IcmpStatusMeaning meaning = meaning_of_icmp_status(family, status);
    EXPECT_EQ(outcomes.replies.size(), meaning.kind == Kind::reply ? 1u : 0u);
    ASSERT_EQ(outcomes.errors.size(), meaning.kind == Kind::error ? 1u : 0u);
    ASSERT_EQ(outcomes.failures.size(), meaning.kind == Kind::failure ? 1u : 0u);
    if (meaning.kind == Kind::error) {
      EXPECT_EQ(outcomes.errors[0].type, meaning.type);
      EXPECT_EQ(outcomes.errors[0].code, meaning.code);
    }
    if (meaning.kind == Kind::failure) {
      EXPECT_EQ(outcomes.failures[0].reason, DropReason::send_failed);
      EXPECT_TRUE(outcomes.failures[0].was_sent);
    }
    if (meaning.kind == Kind::silence) ++silent;
  }
  EXPECT_EQ(echo->timed_out(), silent);
  EXPECT_EQ(silent, 1u);
  EXPECT_EQ(echo->receive_counters().dropped(DropReason::not_reply_or_error), 1u);
  EXPECT_EQ(echo->receive_counters().held(), 0u);
  EXPECT_EQ(echo->outstanding(), 0u);
}

TEST_P(EchoWindowsTest, WhatThisHostSaysOfItselfIsNoRoutersWord) {
  for (const IpAddress& source : {GetParam().own, IpAddress()}) {
    outcomes = {};
    exchange({.status = 11003, .source = source});
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(outcomes.failures.at(0).reason, DropReason::host_unreachable);
    EXPECT_EQ(outcomes.failures[0].destination, GetParam().destination);
    EXPECT_EQ(outcomes.failures[0].payload, data);
    EXPECT_TRUE(outcomes.failures[0].was_sent);
  }
  outcomes = {};
  exchange({.status = 11002, .source = {}});
  EXPECT_EQ(outcomes.failures.at(0).reason, DropReason::no_route);
}

TEST_P(EchoWindowsTest, AnErrorAboutThisHostItselfIsItsOwnToSend) {
  host.own.insert(GetParam().destination);
  exchange({.status = 11005, .source = GetParam().destination});
  EXPECT_EQ(outcomes.errors.at(0).type, GetParam().unreachable);
}

// The buffer holds no reply then; its zeros must not be read as one.
TEST_P(EchoWindowsTest, WhereTheSystemFindsNoReplyItsReasonCounts) {
  helper.parse_error = 11010;
  exchange({.status = 11010, .source = {}});
  EXPECT_EQ(outcomes.size(), 0u);
  EXPECT_EQ(echo->timed_out(), 1u);
  helper.parse_error = 11013;
  exchange({.status = 11013, .source = GetParam().router});
  EXPECT_EQ(outcomes.errors.at(0).from, GetParam().router);
  helper.parse_error = 11013;
  exchange({.status = 0, .source = GetParam().router});
  EXPECT_EQ(outcomes.failures.size(), 1u) << "the buffer is about something else";
  helper.parse_error = 87;
  exchange({.status = 0, .source = GetParam().destination, .payload = data});
  EXPECT_EQ(outcomes.replies.size(), 0u);
  EXPECT_EQ(outcomes.failures.size(), 2u);
}

TEST_P(EchoWindowsTest, WhatTheSystemDoesNotTakeIsAFailureOfTheNextFlush) {
  helper.refuse_with = 1231;
  ASSERT_EQ(send(1), std::nullopt);
  EXPECT_EQ(outcomes.size(), 0u);
  EXPECT_EQ(echo->send_counters().held(), 1u);
  echo->flush(outcomes, now);
  ASSERT_EQ(outcomes.failures.size(), 1u);
  EXPECT_EQ(outcomes.failures[0].slot, slot(1));
  EXPECT_EQ(outcomes.failures[0].reason, DropReason::no_route);
  EXPECT_EQ(outcomes.failures[0].payload, data);
  EXPECT_FALSE(outcomes.failures[0].was_sent);
  EXPECT_EQ(echo->send_counters().answered(DropReason::no_route), 1u);
  outcomes.is_told = false;
  helper.refuse_with = 5;
  ASSERT_EQ(send(2), std::nullopt);
  echo->flush(outcomes, now);
  EXPECT_EQ(echo->send_counters().dropped(DropReason::send_failed), 1u);
  EXPECT_EQ(echo->send_counters().held(), 0u);
  echo->flush(outcomes, now);
  EXPECT_EQ(outcomes.failures.size(), 2u) << "said once";
}

TEST_P(EchoWindowsTest, NoMoreThanTheBoundAreOut) {
  for (std::uint16_t i = 0; i < 200; ++i) ASSERT_EQ(send(i), std::nullopt) << i;
  EXPECT_EQ(send(200), DropReason::queue_full);
  EXPECT_EQ(helper.pending.size(), 200u);
  EXPECT_EQ(echo->outstanding(), 200u);
  EXPECT_EQ(echo->send_counters().dropped(DropReason::queue_full), 1u);
  // Out of order, and each is told apart by its call alone.
  while (!helper.pending.empty()) {
    helper.finish(helper.pending.size() / 2, {.source = GetParam().destination, .payload = data});
  }
  EXPECT_EQ(send(201), DropReason::queue_full) << "until what came is handed over";
  echo->on_completions(outcomes, now);
  ASSERT_EQ(outcomes.replies.size(), 200u);
  std::set<std::uint16_t> sequences;
  for (const auto& reply : outcomes.replies) sequences.insert(reply.slot.sequence);
  EXPECT_EQ(sequences.size(), 200u);
  EXPECT_EQ(send(202), std::nullopt);
  helper.finish(0, {.status = 11010, .source = {}});
  echo->on_completions(outcomes, now);
  EXPECT_EQ(outcomes.size(), 200u);
  EXPECT_EQ(echo->send_counters().in(), 203u);
  EXPECT_EQ(echo->send_counters().forwarded(), 201u);
}

TEST_P(EchoWindowsTest, ThoseThatWaitForTheFlushCountToTheBound) {
  helper.refuse_with = 5;
  for (std::uint16_t i = 0; i < 200; ++i) ASSERT_EQ(send(i), std::nullopt);
  EXPECT_EQ(send(200), DropReason::queue_full);
  echo->flush(outcomes, now);
  EXPECT_EQ(outcomes.failures.size(), 200u);
  EXPECT_EQ(send(201), std::nullopt);
}

TEST_P(EchoWindowsTest, AnAnswerMayBeTheReasonForTheNextRequest) {
  outcomes.then = [&] {
    if (outcomes.replies.size() == 3) return;
    ASSERT_EQ(send(9), std::nullopt);
  };
  exchange({.source = GetParam().destination, .payload = data});
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(helper.pending.size(), 1u);
    helper.finish(0, {.source = GetParam().destination, .payload = data});
    echo->on_completions(outcomes, now);
  }
  EXPECT_EQ(outcomes.replies.size(), 3u);
}

TEST_P(EchoWindowsTest, AnOperationThatIsUsedAgainHasNothingOfTheOldAnswer) {
  exchange({.source = GetParam().destination, .payload = data});
  ASSERT_EQ(send(2), std::nullopt);
  const Bytes reply = helper.pending[0].request.reply;
  EXPECT_TRUE(std::ranges::all_of(reply, [](std::uint8_t byte) { return byte == 0; }));
  helper.finish(0, {.status = 11010, .source = {}});
}

TEST_P(EchoWindowsTest, TheLargestPayloadOfTheFamilyGoesAndNoLarger) {
  const std::size_t most = GetParam().is_v4() ? 65507 : 65527;
  const std::vector<std::uint8_t> payload(most + 1, 'x');
  EXPECT_EQ(send(slot(1), payload), DropReason::too_big);
  ASSERT_EQ(send(slot(2), Bytes(payload).first(most)), std::nullopt);
  helper.finish(
      0, {.source = GetParam().destination, .payload = {payload.begin(), payload.end() - 1}});
  echo->on_completions(outcomes, now);
  EXPECT_EQ(outcomes.replies.at(0).payload.size(), most);
}

// The system writes until it says that it is done: the sanitizer knows whether it may.
TEST_P(EchoWindowsTest, MemoryOfWhatIsOutOutlivesTheBackend) {
  for (std::uint16_t i = 0; i < 3; ++i) ASSERT_EQ(send(i), std::nullopt);
  helper.finish(0, {.source = GetParam().destination, .payload = data});  // never handed over
  echo.reset();
  EXPECT_FALSE(helper.is_open[0] || helper.is_open[1]);
  ASSERT_EQ(helper.pending.size(), 2u);
  for (const auto& pending : helper.pending) {
    EXPECT_TRUE(std::ranges::equal(pending.request.payload, data));
  }
  helper.finish(1, {.source = GetParam().destination, .payload = data});
  helper.finish(0, {.status = 11010, .source = {}});
  EXPECT_EQ(outcomes.size(), 0u);
}

TEST_P(EchoWindowsTest, AFamilyThatCannotBeOpenedHasNoChannels) {
  const IpFamily family = GetParam().destination.family();
  FakeIcmpHelper lame;
  lame.open_errors[family] = 120;
  const EchoWindows backend({}, lame, host);
  EXPECT_EQ(backend.open_error(family), 120u);
  EXPECT_EQ(backend.channels(GetParam().dont_fragment), 0);
  EXPECT_EQ(backend.channels(GetParam().may_fragment), 0);
  EXPECT_EQ(echo->channels(GetParam().dont_fragment), 1);
  EXPECT_EQ(echo->channels(GetParam().may_fragment), 1);
  const IpFamily other = GetParam().is_v4() ? IpFamily::v6 : IpFamily::v4;
  EXPECT_EQ(backend.open_error(other), 0u);
}

TEST_P(EchoWindowsTest, TheHostSaysWhatIsItsOwn) {
  host.source = GetParam().own;
  EXPECT_TRUE(echo->is_own_address(GetParam().own));
  EXPECT_FALSE(echo->is_own_address(GetParam().destination));
  EXPECT_EQ(echo->source_for(GetParam().destination), GetParam().own);
}

}  // namespace
}  // namespace oneping
