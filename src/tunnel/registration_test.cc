#include "tunnel/registration.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "tunnel/registration_codec.h"
#include "tunnel/testing/recorder.h"

namespace oneping::tunnel {
namespace {

using testing::some_registration;

// A registration as the edge reads what the connector wrote.
Result<Registration> over_the_wire(const Registration& registration) {
  capnp::MallocMessageBuilder message;
  auto params = message.initRoot<RegisterConnectionParams>();
  write_registration(registration, params);
  return read_registration(params.asReader());
}

RegistrationAnswer over_the_wire(const RegistrationAnswer& answer) {
  capnp::MallocMessageBuilder message;
  auto response = message.initRoot<schema::ConnectionResponse>();
  write_answer(answer, response);
  return read_answer(response.asReader());
}

TEST(Registration, UuidIsWrittenInGroups) {
  const Uuid uuid = {0x6f, 0xf4, 0x2a, 0xe2, 0x76, 0x5d, 0x4a, 0xdf,
                     0x81, 0x12, 0x31, 0xc5, 0x5c, 0x15, 0x51, 0xef};
  EXPECT_EQ(to_string(uuid), "6ff42ae2-765d-4adf-8112-31c55c1551ef");
}

TEST(Registration, FeaturesDecideTheDatagramFormat) {
  EXPECT_EQ(datagram_version(some_registration()), DatagramVersion::v2);
  EXPECT_EQ(datagram_version(some_registration({kFeatureDatagramV3})), DatagramVersion::v3);
  EXPECT_EQ(datagram_version(some_registration({"support_datagram_v3_1"})), DatagramVersion::v2);
}

TEST(Registration, ArrivesAsItWasSent) {
  const auto sent = some_registration({kFeatureDatagramV3});
  const auto read = over_the_wire(sent);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->account_tag, sent.account_tag);
  EXPECT_EQ(read->tunnel_secret, sent.tunnel_secret);
  EXPECT_EQ(read->tunnel_id, sent.tunnel_id);
  EXPECT_EQ(read->connection_index, sent.connection_index);
  EXPECT_EQ(read->connector_id, sent.connector_id);
  EXPECT_EQ(read->features, sent.features);
  EXPECT_EQ(read->version, sent.version);
  EXPECT_EQ(read->arch, sent.arch);
  EXPECT_EQ(read->replace_existing, sent.replace_existing);
  EXPECT_EQ(read->previous_attempts, sent.previous_attempts);
}

TEST(Registration, IsRefusedWhenOutOfBounds) {
  struct Case {
    const char* name;
    void (*spoil)(Registration&);
  };
  const Case cases[] = {
      {"index", [](Registration& r) { r.connection_index = kMaxConnectionIndex + 1; }},
      {"long account", [](Registration& r) { r.account_tag.assign(kMaxNameSize + 1, 'a'); }},
      {"account with a line break", [](Registration& r) { r.account_tag = "a\nb"; }},
      {"long secret", [](Registration& r) { r.tunnel_secret.resize(257); }},
      {"many features", [](Registration& r) { r.features.assign(65, "f"); }},
      {"long feature", [](Registration& r) { r.features.emplace_back(kMaxNameSize + 1, 'f'); }},
      {"version with an escape", [](Registration& r) { r.version = "1\x1b[0m"; }},
      {"long architecture", [](Registration& r) { r.arch.assign(kMaxNameSize + 1, 'a'); }},
  };
  for (const auto& test : cases) {
    auto registration = some_registration();
    test.spoil(registration);
    const auto read = over_the_wire(registration);
    EXPECT_FALSE(read) << test.name;
  }
}

TEST(Registration, IsRefusedWithIdsOfTheWrongSize) {
  for (const std::size_t size : {0u, 15u, 17u}) {
    const std::vector<std::uint8_t> id(size);
    capnp::MallocMessageBuilder message;
    auto params = message.initRoot<RegisterConnectionParams>();
    write_registration(some_registration(), params);
    params.setTunnelId({id.data(), id.size()});
    EXPECT_FALSE(read_registration(params.asReader()));
    write_registration(some_registration(), params);
    params.getOptions().getClient().setClientId({id.data(), id.size()});
    EXPECT_FALSE(read_registration(params.asReader()));
  }
}

TEST(RegistrationAnswer, AcceptanceArrives) {
  const RegistrationAccepted sent{
      .connection_id = {9, 8, 7}, .location = "home", .remotely_managed = false};
  const auto answer = over_the_wire(sent);
  const auto* read = std::get_if<RegistrationAccepted>(&answer);
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->connection_id, sent.connection_id);
  EXPECT_EQ(read->location, sent.location);
  EXPECT_EQ(read->remotely_managed, sent.remotely_managed);
}

TEST(RegistrationAnswer, RefusalArrivesFitForALog) {
  const auto answer = over_the_wire(RegistrationRefused{
      .cause = "no\nsuch tunnel", .should_retry = true, .retry_after = std::chrono::hours(99)});
  const auto* read = std::get_if<RegistrationRefused>(&answer);
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->cause, "no?such tunnel");
  EXPECT_TRUE(read->should_retry);
  EXPECT_EQ(read->retry_after, std::chrono::hours(1));
}

TEST(RegistrationAnswer, NonsenseIsARefusal) {
  capnp::MallocMessageBuilder message;
  auto response = message.initRoot<schema::ConnectionResponse>();
  response.initResult().initConnectionDetails().setLocationName("no id");
  const auto answer = read_answer(response.asReader());
  ASSERT_TRUE(std::holds_alternative<RegistrationRefused>(answer));
  EXPECT_TRUE(std::get<RegistrationRefused>(answer).should_retry);
}

}  // namespace
}  // namespace oneping::tunnel
