#include "masque/device_messages.h"

#include <gtest/gtest.h>

namespace oneping::masque {
namespace {

using namespace std::chrono_literals;

TEST(DeviceMessages, ComeThroughAsTheyWere) {
  const EnrolRequest enrol{"opk_x", "-----BEGIN\nCSR", "laptop"};
  const auto enrol_read = parse_enrol_request(to_json(enrol));
  ASSERT_TRUE(enrol_read) << enrol_read.error().message;
  EXPECT_EQ(enrol_read->key, enrol.key);
  EXPECT_EQ(enrol_read->csr, enrol.csr);
  EXPECT_EQ(enrol_read->name, enrol.name);

  const EnrolAnswer answer{
      "laptop", 7, "PEM", {*Prefix::parse("100.96.0.1/32"), *Prefix::parse("fd00::1/128")}};
  const auto answer_read = parse_enrol_answer(to_json(answer));
  ASSERT_TRUE(answer_read) << answer_read.error().message;
  EXPECT_EQ(answer_read->device, "laptop");
  EXPECT_EQ(answer_read->id, 7);
  EXPECT_EQ(answer_read->certificate, "PEM");
  EXPECT_EQ(answer_read->addresses, answer.addresses);

  EXPECT_EQ(parse_renew_request(to_json(RenewRequest{"CSR"}))->csr, "CSR");
  EXPECT_EQ(parse_renew_answer(to_json(RenewAnswer{"PEM"}))->certificate, "PEM");

  const HopsAnswer hops{
      {{"edge", {*IpAddress::parse("172.68.101.57")}, std::nullopt}, {"connector", {}, 1500us}},
      "office",
      "healthy"};
  const auto hops_read = parse_hops_answer(to_json(hops));
  ASSERT_TRUE(hops_read) << hops_read.error().message;
  ASSERT_EQ(hops_read->hops.size(), 2u);
  EXPECT_EQ(hops_read->hops[0].role, "edge");
  EXPECT_EQ(hops_read->hops[0].addresses, hops.hops[0].addresses);
  EXPECT_EQ(hops_read->hops[0].rtt, std::nullopt);
  EXPECT_EQ(hops_read->hops[1].rtt, 1500us);
  EXPECT_EQ(hops_read->tunnel, "office");
  EXPECT_EQ(hops_read->status, "healthy");
}

TEST(DeviceMessages, AreWhatTheDocumentSays) {
  EXPECT_EQ(to_json(EnrolRequest{"K", "C", ""}), R"({"csr":"C","key":"K"})");
  EXPECT_EQ(to_json(EnrolAnswer{"d", 1, "P", {*Prefix::parse("100.96.0.1")}}),
            R"({"addresses":["100.96.0.1/32"],"certificate":"P","device":"d","id":1})");
  EXPECT_EQ(to_json(HopsAnswer{{}, std::nullopt, ""}), R"({"hops":[],"status":"","tunnel":null})");
  EXPECT_EQ(error_json("no \"such\" key"), R"({"error":"no \"such\" key"})");
}

TEST(DeviceMessages, FieldsOfANewerEndArePassedOver) {
  const auto read = parse_enrol_request(R"({"key":"k","csr":"c","name":null,"colour":["red"]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "");
}

struct Malformed {
  const char* name;
  const char* json;
  const char* complaint;
};
TEST(DeviceMessages, SayWhatIsWrongWithThem) {
  for (const Malformed& c : {
           Malformed{"nothing", "", "no JSON object"},
           Malformed{"list", "[]", "no JSON object"},
           Malformed{"cut short", R"({"device":)", "no JSON object"},
           Malformed{"missing", R"({"device":"d","id":1,"certificate":"P"})", "\"addresses\""},
           Malformed{"number for text", R"({"device":3})", "\"device\" is no text"},
           Malformed{"text for number", R"({"device":"d","id":"1"})", "\"id\" is no whole number"},
           Malformed{"fraction", R"({"device":"d","id":1.5})", "\"id\" is no whole number"},
           Malformed{"no prefix", R"({"device":"d","id":1,"certificate":"P","addresses":["x"]})",
                     "\"addresses\" has an entry"},
           Malformed{"host bits",
                     R"({"device":"d","id":1,"certificate":"P","addresses":["10.0.0.1/8"]})",
                     "\"addresses\" has an entry"},
       }) {
    const auto read = parse_enrol_answer(c.json);
    ASSERT_FALSE(read) << c.name;
    EXPECT_NE(read.error().message.find(c.complaint), std::string::npos)
        << c.name << ": " << read.error().message;
  }
  EXPECT_FALSE(parse_hops_answer(R"({"hops":[{"role":"edge","rtt_ms":-1}]})"));
  EXPECT_FALSE(parse_hops_answer(R"({"hops":[{"role":"edge","rtt_ms":1e300}]})"));
  EXPECT_FALSE(parse_hops_answer(R"({"hops":["edge"]})"));
  const std::string long_text(kMaxMessageText + 1, 'x');
  EXPECT_FALSE(parse_renew_request(to_json(RenewRequest{long_text})));
}

TEST(DeviceMessages, ErrorsAreFitForATerminal) {
  EXPECT_EQ(parse_error(error_json("it is \x1b[31mred")), "it is ?[31mred");
  EXPECT_EQ(parse_error(R"({"error":3})"), std::nullopt);
  EXPECT_EQ(parse_error("<html>"), std::nullopt);
}

TEST(DeviceMessages, TheHopsPathHoldsAnAddress) {
  const IpAddress v4 = *IpAddress::parse("172.16.10.120");
  const IpAddress v6 = *IpAddress::parse("fd00::1");
  EXPECT_EQ(hops_path(v4), "/.well-known/oneping/path?to=172.16.10.120");
  EXPECT_EQ(parse_hops_path(hops_path(v4)), v4);
  EXPECT_EQ(parse_hops_path(hops_path(v6)), v6);
  EXPECT_EQ(parse_hops_path("/.well-known/oneping/path"), std::nullopt);
  EXPECT_EQ(parse_hops_path("/.well-known/oneping/path?to=office"), std::nullopt);
}

}  // namespace
}  // namespace oneping::masque
