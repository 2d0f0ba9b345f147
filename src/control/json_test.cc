// What the API takes as JSON, and as values in it.
#include <gtest/gtest.h>

#include "control/fields.h"
#include "control/json_text.h"

namespace oneping::control {
namespace {

TEST(JsonText, IsParsedWithinBounds) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  const auto wide = [](int fields) {
    std::string text = "{";
    for (int i = 0; i < fields; ++i) text += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) + "\":0";
    return text + "}";
  };
  struct Case {
    const char* name;
    std::string text;
    bool good;
  };
  for (const Case& c : {
           Case{"an object", R"({"name": "x"})", true},
           Case{"as deep as may be", nested(32), true},
           Case{"deeper", nested(33), false},
           Case{"much deeper", nested(500'000), false},
           Case{"brackets in a string", "\"" + std::string(100, '[') + "\"", true},
           Case{"an escaped quotation mark", R"(["\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["])", true},
           Case{"as wide as may be", wide(100), true},
           Case{"wider", wide(101), false},
           Case{"many objects", "[" + wide(100) + "," + wide(100) + "]", true},
           Case{"colons in a string", "\"" + std::string(500, ':') + "\"", true},
           Case{"cut short", R"({"name": )", false},
           Case{"something behind", "{} {}", false},
           Case{"a comment", "{} // x", false},
           Case{"closing brackets", "]]]]", false},
           Case{"no UTF-8", "\"\xff\xfe\"", false},
           Case{"an overlong encoding", "\"\xc0\xaf\"", false},
           Case{"half a surrogate pair", R"("\ud800")", false},
           Case{"NaN", "NaN", false},
           Case{"a number beyond all", "1e999", false},
           Case{"a NUL byte", std::string("{\0}", 3), false},
           Case{"nothing but space", "  ", false},
       }) {
    EXPECT_EQ(parse_json(c.text).has_value(), c.good) << c.name;
  }
}

template <typename Value>
std::string read(const char* text) {
  Value value{};
  const auto read = read_json(Json::parse(text), "f", value);
  if (read) return "good";
  return read.error().kind == RefusalKind::malformed ? "malformed" : "invalid";
}

TEST(JsonValues, AreOfTheirType) {
  struct Case {
    const char* name;
    std::string (*read)(const char* text);
    const char* text;
    const char* expected;
  };
  const Case cases[] = {
      {"bool", read<bool>, "true", "good"},
      {"bool", read<bool>, "1", "malformed"},
      {"bool", read<bool>, "\"true\"", "malformed"},
      {"text", read<std::string>, "\"x\"", "good"},
      {"text", read<std::string>, "null", "malformed"},
      {"text", read<std::string>, "[\"x\"]", "malformed"},
      {"count", read<std::uint32_t>, "4294967295", "good"},
      {"count", read<std::uint32_t>, "4294967296", "invalid"},
      {"count", read<std::uint32_t>, "-1", "invalid"},
      {"count", read<std::uint32_t>, "1.0", "malformed"},
      {"count", read<std::uint32_t>, "99999999999999999999", "malformed"},
      {"port", read<std::uint16_t>, "65535", "good"},
      {"port", read<std::uint16_t>, "65536", "invalid"},
      {"duration", read<std::chrono::milliseconds>, "86400000", "good"},
      {"duration", read<std::chrono::milliseconds>, "18446744073709551615", "invalid"},
      {"time", read<Timestamp>, "\"2026-11-21T23:28:14Z\"", "good"},
      {"time", read<Timestamp>, "\"yesterday\"", "invalid"},
      {"time", read<Timestamp>, "1700000000", "malformed"},
      {"address", read<IpAddress>, "\"fd00::1\"", "good"},
      {"address", read<IpAddress>, "\"10.0.0.0/8\"", "invalid"},
      {"prefix", read<Prefix>, "\"10.0.0.0/8\"", "good"},
      {"prefix", read<Prefix>, "\"10.0.0.1/8\"", "invalid"},
      {"prefix", read<Prefix>, "10", "malformed"},
      {"ports", read<PortRange>, "53", "good"},
      {"ports", read<PortRange>, "\"53\"", "good"},
      {"ports", read<PortRange>, "\"1000-2000\"", "good"},
      {"ports", read<PortRange>, "\"2000-1000\"", "invalid"},
      {"ports", read<PortRange>, "\"1-2-3\"", "invalid"},
      {"ports", read<PortRange>, "\"-\"", "invalid"},
      {"ports", read<PortRange>, "\"70000\"", "invalid"},
      {"ports", read<PortRange>, "70000", "invalid"},
      {"ports", read<PortRange>, "5.5", "malformed"},
      {"ports", read<PortRange>, "[53]", "malformed"},
      {"verdict", read<Verdict>, "\"deny\"", "good"},
      {"verdict", read<Verdict>, "\"drop\"", "invalid"},
      {"protocol", read<Protocol>, "\"tcp\"", "invalid"},
      {"icmp type", read<IcmpType>, "\"echo-request\"", "good"},
      {"icmp type", read<IcmpType>, "\"echo-reply\"", "invalid"},
      {"role", read<Role>, "\"admin\"", "good"},
      {"role", read<Role>, "\"root\"", "invalid"},
      {"reference", read<Reference>, "\"office\"", "good"},
      {"reference", read<Reference>, "12", "good"},
      {"reference", read<Reference>, "1.5", "malformed"},
      {"who", read<WhoInput>, "\"user:alice@example.org\"", "good"},
      {"who", read<WhoInput>, "\"tag:a\"", "good"},
      {"who", read<WhoInput>, "\"alice\"", "invalid"},
      {"who", read<WhoInput>, "\"robot:r2\"", "invalid"},
      {"list", read<std::vector<std::string>>, "[]", "good"},
      {"list", read<std::vector<std::string>>, "[\"a\", 1]", "malformed"},
      {"list", read<std::vector<std::string>>, "{}", "malformed"},
      {"clearable", read<std::optional<bool>>, "null", "good"},
      {"clearable", read<std::optional<bool>>, "0", "malformed"},
  };
  for (const Case& c : cases) EXPECT_EQ(c.read(c.text), c.expected) << c.name << " " << c.text;
}

TEST(JsonValues, ListsAreBounded) {
  Json list = Json::array();
  for (int i = 0; i < 1000; ++i) list.push_back("x");
  std::vector<std::string> values;
  EXPECT_TRUE(read_json(list, "f", values));
  list.push_back("one too many");
  values.clear();
  EXPECT_FALSE(read_json(list, "f", values));
}

struct Input {
  std::optional<std::string> name;
  Clearable<std::string> comment;
  std::optional<bool> fixed;
};

const Fields<Input> kFields{
    field<Input>("name", Use::required, &Input::name, ""),
    field<Input>("comment", Use::optional, &Input::comment, ""),
    field<Input>("fixed", Use::fixed, &Input::fixed, ""),
    answer<Input>("id", schema::integer(), ""),
};

TEST(Fields, AreReadOrRefusedByName) {
  struct Case {
    const char* name;
    const char* text;
    Purpose purpose;
    const char* field;
    const char* detail;  // empty: it is good
  };
  using enum Purpose;
  const Case cases[] = {
      {"all", R"({"name": "x", "comment": "c", "fixed": true})", make, "", ""},
      {"the least", R"({"name": "x"})", make, "", ""},
      {"cleared", R"({"name": "x", "comment": null})", make, "", ""},
      {"missing", R"({"comment": "c"})", make, "name", "name is missing"},
      {"null for what cannot be cleared", R"({"name": null})", make, "name", "name must be text"},
      {"unknown", R"({"name": "x", "nane": "y"})", make, "nane",
       "there is no \"nane\" here: known are name, comment, fixed"},
      {"the server's", R"({"name": "x", "id": 7})", make, "id",
       "id is the server's to say, and cannot be given"},
      {"no object", "[1]", make, "", "the body must be a JSON object"},
      {"nothing to change", "{}", change, "", ""},
      {"fixed later", R"({"fixed": true})", change, "fixed", "fixed cannot be changed here"},
  };
  for (const Case& c : cases) {
    const auto input = kFields.read(Json::parse(c.text), c.purpose);
    EXPECT_EQ(input.has_value(), std::string(c.detail).empty()) << c.name;
    if (input) continue;
    EXPECT_EQ(input.error().detail, c.detail) << c.name;
    EXPECT_EQ(input.error().field, c.field) << c.name;
  }
}

TEST(Fields, TellWhatWasSaid) {
  const auto silent = kFields.read(Json::parse("{}"), Purpose::change);
  EXPECT_FALSE(silent->comment);
  const auto cleared = kFields.read(Json::parse(R"({"comment": null})"), Purpose::change);
  ASSERT_TRUE(cleared->comment);
  EXPECT_FALSE(*cleared->comment);
  const auto given = kFields.read(Json::parse(R"({"comment": "c"})"), Purpose::change);
  EXPECT_EQ(**given->comment, "c");
}

}  // namespace
}  // namespace oneping::control
