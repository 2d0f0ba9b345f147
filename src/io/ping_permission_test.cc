#include "io/ping_permission.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace oneping {
namespace {

using testing::AssertionFailure;
using testing::AssertionResult;
using testing::AssertionSuccess;

AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return AssertionSuccess();
  return AssertionFailure() << "\"" << text << "\" lacks \"" << part << "\"";
}

PingFacts user_on_host() {
  return {
      .range = PingGroupRange{1, 0}, .user = 1000, .group = 1001, .supplementary_groups = {27, 44}};
}

TEST(PingGroupRange, ReadsTheSysctl) {
  const auto range = PingGroupRange::parse("0\t2147483647\n");
  ASSERT_TRUE(range);
  EXPECT_TRUE(range->contains(1000));
  EXPECT_FALSE(range->contains(2147483648));
  EXPECT_EQ(range->to_string(), "0 2147483647");
  EXPECT_TRUE(PingGroupRange::parse("1\t0\n")->is_empty());
  EXPECT_FALSE(PingGroupRange::parse(""));
  EXPECT_FALSE(PingGroupRange::parse("0"));
  EXPECT_FALSE(PingGroupRange::parse("nobody"));
}

TEST(PingEnvironment, FollowsFromFacts) {
  struct Case {
    const char* name;
    PingFacts facts;
    PingEnvironment expected;
  };
  PingFacts none;
  const auto with = [&](auto change) {
    PingFacts facts = none;
    change(facts);
    return facts;
  };
  const Case cases[] = {
      {"nothing", none, PingEnvironment::host},
      {"plain init", with([](auto& f) { f.init_cgroup = "0::/init.scope\n"; }),
       PingEnvironment::host},
      {"unit", with([](auto& f) { f.has_systemd_unit = true; }), PingEnvironment::systemd_unit},
      {"docker", with([](auto& f) { f.has_dockerenv = true; }), PingEnvironment::container},
      {"podman", with([](auto& f) { f.has_containerenv = true; }), PingEnvironment::container},
      {"docker by cgroup", with([](auto& f) { f.init_cgroup = "1:cpu:/docker/0123abc\n"; }),
       PingEnvironment::container},
      {"unit inside a container",
       with([](auto& f) { f.has_systemd_unit = f.has_dockerenv = true; }),
       PingEnvironment::container},
      {"pod", with([](auto& f) { f.has_kubernetes_host = f.has_dockerenv = true; }),
       PingEnvironment::kubernetes},
      {"pod by cgroup", with([](auto& f) { f.init_cgroup = "0::/kubepods/besteffort/pod1\n"; }),
       PingEnvironment::kubernetes},
  };
  for (const auto& [name, facts, expected] : cases) {
    EXPECT_EQ(environment_of(facts), expected) << name;
  }
}

TEST(PingDiagnosis, OnAHostGivesTheCommandForThisGroup) {
  const auto diagnosis = diagnose_ping(IpFamily::v4, EACCES, user_on_host());
  EXPECT_EQ(diagnosis.cause,
            "net.ipv4.ping_group_range is \"1 0\" (nobody), which leaves out this process: user "
            "1000, effective group 1001, supplementary groups 27 44");
  EXPECT_TRUE(contains(diagnosis.fix, "sysctl -w net.ipv4.ping_group_range=\"1001 1001\""));
  EXPECT_TRUE(contains(diagnosis.fix, "/etc/sysctl.d/60-oneping.conf"));
}

TEST(PingDiagnosis, WideningTakesNothingFromOthers) {
  PingFacts facts = user_on_host();
  facts.range = PingGroupRange{2000, 3000};
  EXPECT_TRUE(contains(diagnose_ping(IpFamily::v6, EACCES, facts).fix, "\"1001 3000\""));
  facts.range = PingGroupRange{50, 60};
  EXPECT_TRUE(contains(diagnose_ping(IpFamily::v6, EACCES, facts).fix, "\"50 1001\""));
}

TEST(PingDiagnosis, SpeaksTheLanguageOfTheEnvironment) {
  PingFacts facts = user_on_host();
  facts.range = PingGroupRange{50, 60};
  facts.has_systemd_unit = true;
  EXPECT_TRUE(contains(diagnose_ping(IpFamily::v4, EACCES, facts).fix, "SupplementaryGroups=50"));
  facts.has_dockerenv = true;
  EXPECT_TRUE(contains(diagnose_ping(IpFamily::v4, EACCES, facts).fix,
                       "--sysctl net.ipv4.ping_group_range=\"0 2147483647\""));
  facts.has_kubernetes_host = true;
  EXPECT_TRUE(contains(diagnose_ping(IpFamily::v4, EACCES, facts).fix, "securityContext"));
}

TEST(PingDiagnosis, DoesNotBlameTheRangeWhenItIncludesUs) {
  PingFacts facts = user_on_host();
  facts.range = PingGroupRange{27, 27};
  const auto diagnosis = diagnose_ping(IpFamily::v4, EACCES, facts);
  EXPECT_TRUE(contains(diagnosis.cause, "includes group 27"));
  EXPECT_TRUE(contains(diagnosis.fix, "security module"));
}

TEST(PingDiagnosis, AnUnreadableRangeIsSaid) {
  PingFacts facts = user_on_host();
  facts.range.reset();
  const auto diagnosis = diagnose_ping(IpFamily::v4, EACCES, facts);
  EXPECT_TRUE(contains(diagnosis.cause, "cannot be read"));
  EXPECT_TRUE(contains(diagnosis.fix, "\"1001 1001\""));
}

TEST(PingDiagnosis, TellsOtherErrorsApart) {
  const PingFacts facts = user_on_host();
  const auto cause = [&](int error) { return diagnose_ping(IpFamily::v6, error, facts).cause; };
  EXPECT_TRUE(contains(cause(EAFNOSUPPORT), "has no IPv6"));
  EXPECT_TRUE(contains(cause(EPROTONOSUPPORT), "no IPv6 ping sockets"));
  EXPECT_TRUE(contains(cause(EPERM), "sandbox"));
  EXPECT_TRUE(contains(cause(EMFILE), "no more files"));
  EXPECT_TRUE(contains(cause(ENFILE), "system"));
  EXPECT_TRUE(contains(cause(EIO), "Input/output error"));
  EXPECT_FALSE(diagnose_ping(IpFamily::v6, EIO, facts).fix.empty());
}

}  // namespace
}  // namespace oneping
