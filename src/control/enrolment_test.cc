// Enrolment keys made by the API, machines that come with them, and the certificates that they get.
#include <gtest/gtest.h>

#include "control/registrar.h"
#include "control/testing/world.h"
#include "masque/enrolment_key.h"
#include "quic/device_certificate.h"
#include "quic/server_certificate.h"

namespace oneping::control {
namespace {

using namespace std::chrono_literals;

const quic::CertificateBundle& edge_certificates() {
  static const quic::CertificateBundle bundle = *quic::make_server_certificate({"edge.example"});
  return bundle;
}

AddressPools pools() {
  return {*Prefix::parse("100.96.0.0/12"),
          *Prefix::parse("fd00:100:96::/64"),
          {*IpAddress::parse("100.96.0.1"), *IpAddress::parse("fd00:100:96::1")}};
}

struct EnrolmentTest : testing::World, ::testing::Test {
  EnrolmentTest()
      : registrar(*control, {edge_certificates().ca_pem, edge_certificates().ca_key_pem}, pools(),
                  random) {
    json("POST", "/users", {{"name", "alice"}});
  }
  std::string make_key(Json body) {
    const Json made = json("POST", "/keys", body);
    return made.value("key", "");
  }
  auto enrol(const std::string& key, const std::string& name = "laptop") {
    return registrar.enrol({key, quic::make_key_and_csr("x")->request_pem, name});
  }
  std::string refusal(const std::string& key, const std::string& name = "laptop") {
    const auto answer = enrol(key, name);
    if (answer) return "enrolled";
    return std::to_string(answer.error().status) + " " + answer.error().reason;
  }

  Registrar registrar;
};

TEST_F(EnrolmentTest, ADeviceBecomesWhatItsKeySays) {
  const auto answer = enrol(make_key({{"name", "k"}, {"user", "alice"}, {"tags", {"mobile"}}}));
  ASSERT_TRUE(answer) << answer.error().reason;
  EXPECT_EQ(answer->device, "laptop");
  EXPECT_EQ(answer->addresses,
            (std::vector{*Prefix::parse("100.96.0.2"), *Prefix::parse("fd00:100:96::2")}));

  const Json device = json("GET", "/devices/laptop");
  EXPECT_EQ(device["id"], answer->id);
  EXPECT_EQ(device["kind"], "enrolled");
  EXPECT_EQ(device["user"], "alice");
  EXPECT_EQ(device["tags"], Json({"mobile"}));
  EXPECT_EQ(device["addresses"], Json({"100.96.0.2", "fd00:100:96::2"}));
  EXPECT_EQ(device["online"], false);
  EXPECT_EQ(json("GET", "/keys/k")["state"], "used");

  ASSERT_FALSE(edge.applied.empty());
  const auto identity = edge.applied.back().identities->find(answer->id);
  ASSERT_NE(identity, edge.applied.back().identities->end());
  EXPECT_FALSE(identity->second->is_ingress);
  EXPECT_EQ(identity->second->addresses, answer->addresses);

  const Json entry = json("GET", "/audit")["items"][0];
  EXPECT_EQ(entry["action"], "device.enrol");
  EXPECT_EQ(entry["object"], "laptop");
  EXPECT_EQ(entry["detail"]["key"], "k");
}

TEST_F(EnrolmentTest, TheCertificateIsForItsKeyAndForAWhile) {
  const auto made = quic::make_key_and_csr("x");
  const auto answer = registrar.enrol({make_key(Json::object()), made->request_pem, "laptop"});
  ASSERT_TRUE(answer) << answer.error().reason;
  EXPECT_EQ(quic::key_pin(answer->certificate).value(),
            quic::csr_key_pin(made->request_pem).value());
  const auto validity = quic::validity_of(answer->certificate);
  ASSERT_TRUE(validity);
  EXPECT_EQ(validity->not_before, now - 10min);
  EXPECT_EQ(validity->not_after, now + std::chrono::days(30));
  EXPECT_NE(answer->certificate.find(edge_certificates().ca_pem), std::string::npos)
      << "the authority comes with it";
}

TEST_F(EnrolmentTest, KeysThatOpenNothing) {
  EXPECT_EQ(
      refusal("opk_nonsense"),
      "403 this enrolment key is not known at this edge: it was deleted, or is another edge's; "
      "ask for a new one");
  EXPECT_EQ(refusal(masque::make_enrolment_key({1, 2, 3}, {}).text), refusal("opk_nonsense"));

  const std::string once = make_key({{"name", "once"}});
  EXPECT_EQ(refusal(once), "enrolled");
  EXPECT_EQ(refusal(once),
            "403 the enrolment key \"once\" has been used already; ask for a new one");

  const std::string brief = make_key({{"name", "brief"}, {"expires", timestamp_text(now + 1h)}});
  now += 2h;
  EXPECT_EQ(refusal(brief).substr(0, 53),
            "403 the enrolment key \"brief\" expired on 2026-11-21T0");

  const std::string gone = make_key({{"name", "gone"}});
  json("POST", "/keys/gone/revoke");
  EXPECT_EQ(refusal(gone), "403 the enrolment key \"gone\" has been revoked; ask for a new one");
  EXPECT_EQ(json("GET", "/devices")["items"].size(), 1u);
}

TEST_F(EnrolmentTest, AReusableKeyMakesManyAndNamesGetNumbers) {
  const std::string key = make_key({{"name", "many"}, {"reusable", true}});
  EXPECT_EQ(enrol(key)->device, "laptop");
  EXPECT_EQ(enrol(key)->device, "laptop-2");
  EXPECT_EQ(enrol(key)->device, "laptop-3");
  const auto unnamed = enrol(key, "");
  EXPECT_EQ(unnamed->device, "device-" + std::to_string(unnamed->id));
  EXPECT_EQ(enrol(key, std::string(64, 'x'))->device, std::string(64, 'x'));
  EXPECT_EQ(enrol(key, std::string(64, 'x'))->device, std::string(56, 'x') + "-2");
  EXPECT_EQ(json("GET", "/keys/many")["uses"], 6);
  EXPECT_EQ(unnamed->addresses[0], *Prefix::parse("100.96.0.5"));
}

TEST_F(EnrolmentTest, WhatIsNoRequest) {
  const std::string key = make_key({{"name", "k"}, {"reusable", true}});
  EXPECT_EQ(refusal(key, "no spaces").substr(0, 26), "400 the name \"no spaces\" h");
  const auto answer = registrar.enrol({key, "no PEM", "laptop"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, 400);
  const std::string csr = quic::make_key_and_csr("x")->request_pem;
  EXPECT_TRUE(registrar.enrol({key, csr, "laptop"}));
  const auto again = registrar.enrol({key, csr, "laptop"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().status, 403);
  EXPECT_NE(again.error().reason.find("device \"laptop\" already"), std::string::npos);
  EXPECT_EQ(json("GET", "/keys/k")["uses"], 1) << "what is refused uses nothing";
}

TEST_F(EnrolmentTest, Renewal) {
  const auto made = quic::make_key_and_csr("x");
  const auto device = registrar.enrol({make_key(Json::object()), made->request_pem, "laptop"});
  now += 480h;
  const auto renewed = registrar.renew(device->id, {*quic::make_csr(made->key_pem, "x")});
  ASSERT_TRUE(renewed) << renewed.error().reason;
  EXPECT_EQ(quic::validity_of(renewed->certificate)->not_after, now + std::chrono::days(30));
  EXPECT_EQ(quic::key_pin(renewed->certificate).value(),
            quic::key_pin(device->certificate).value());

  const auto other_key = registrar.renew(device->id, {quic::make_key_and_csr("x")->request_pem});
  ASSERT_FALSE(other_key);
  EXPECT_EQ(other_key.error().status, 403);
  json("POST", "/devices/laptop/revoke");
  EXPECT_FALSE(registrar.renew(device->id, {made->request_pem}));
  EXPECT_FALSE(registrar.renew(4711, {made->request_pem}));
}

TEST_F(EnrolmentTest, KeptAlthoughTheEdgeIsBusy) {
  const std::string key = make_key({{"name", "k"}});
  edge.is_busy = true;
  EXPECT_TRUE(enrol(key));
}

TEST_F(EnrolmentTest, SaysSoWhenTheStoreRefusesOrThePoolIsEmpty) {
  const std::string key = make_key({{"name", "k"}});
  store.is_full = true;
  EXPECT_EQ(refusal(key).substr(0, 24), "503 nothing has changed,");
  store.is_full = false;
  AddressPools small = pools();
  small.v4 = *Prefix::parse("100.96.0.0/30");
  small.reserved = {*IpAddress::parse("100.96.0.1"), *IpAddress::parse("100.96.0.2")};
  Registrar poor(*control, {}, small, random);
  const auto answer = poor.enrol({key, quic::make_key_and_csr("x")->request_pem, ""});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason.substr(0, 36), "no address is left in 100.96.0.0/30:");
}

}  // namespace
}  // namespace oneping::control
