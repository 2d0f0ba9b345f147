// /policies/check and /policies/test: what would be decided, and whether that is what is expected.
#include "control/policy_check.h"

#include "control/answers.h"
#include "control/view.h"

namespace oneping::control {

namespace {

// A question and the answer that is expected, for /policies/test.
struct Expectation : CheckInput {
  std::optional<std::string> name;
  std::optional<Verdict> expect;
  std::optional<std::string> rule;
};

template <typename Input>
Fields<Input> check_fields() {
  return {
      field<Input>("user", Use::optional, &CheckInput::user, "brings his groups"),
      field<Input>("device", Use::optional, &CheckInput::device,
                   "brings its user (unless another is given), tags and virtual network"),
      field<Input>("groups", Use::optional, &CheckInput::groups, "beside the user's"),
      field<Input>("tags", Use::optional, &CheckInput::tags, "beside the device's"),
      field<Input>("to", Use::required, &CheckInput::to, "the destination"),
      field<Input>("vnet", Use::optional, &CheckInput::vnet,
                   "the device's, or `default`, if not given"),
      field<Input>("protocol", Use::optional, &CheckInput::protocol, "icmp if not given"),
      field<Input>("port", Use::optional, &CheckInput::port, "of UDP, which needs it"),
      field<Input>("at", Use::optional, &CheckInput::at, "now if not given"),
  };
}

const Fields<Expectation>& expectation_fields() {
  static const Fields<Expectation> kFields = [] {
    auto fields = check_fields<Expectation>();
    fields.add(
        field<Expectation>("name", Use::optional, &Expectation::name, "what the result calls it"));
    fields.add(field<Expectation>("expect", Use::required, &Expectation::expect,
                                  "the verdict that it should get"));
    fields.add(field<Expectation>("rule", Use::optional, &Expectation::rule,
                                  "the policy that should decide, or `default`"));
    return fields;
  }();
  return kFields;
}

Json schema_of(const Expectation*) {
  return request_schema(expectation_fields().infos(), Purpose::make);
}

Read read_json(const Json& json, const std::string& field, Expectation& value) {
  auto read = expectation_fields().read(json, Purpose::make, field);
  if (!read) return refusal_of(read);
  value = std::move(*read);
  return {};
}

struct TestInput {
  std::optional<std::vector<Expectation>> expectations;
};

Json text_or_null(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

Outcome<ApiResponse> check(const Call& call, const CheckInput& input) {
  return look(call.control, Live::tunnels, [&](const View& view) -> Outcome<ApiResponse> {
    const auto result = PolicyChecker(view.directory, view.now).check(input);
    if (!result) return refusal_of(result);
    Json json = {{"verdict", to_string(result->verdict)},
                 {"rule", text_or_null(result->rule)},
                 {"position", result->position ? Json(*result->position) : Json(nullptr)},
                 {"reason", result->reason}};
    show_way(json, view.directory.route_towards(result->vnet, *input.to), view);
    return respond(json);
  });
}

Outcome<ApiResponse> test(const Call& call, const TestInput& input) {
  return look(call.control, Live::unasked, [&](const View& view) -> Outcome<ApiResponse> {
    PolicyChecker checker(view.directory, view.now);
    Json results = Json::array();
    std::size_t passed = 0;
    for (std::size_t i = 0; i < input.expectations->size(); ++i) {
      const Expectation& expected = (*input.expectations)[i];
      const auto result = checker.check(expected, "expectations[" + std::to_string(i) + "]");
      if (!result) return refusal_of(result);
      const bool pass =
          result->verdict == *expected.expect && (!expected.rule || result->rule == expected.rule);
      if (pass) ++passed;
      results.push_back({{"name", text_or_null(expected.name)},
                         {"pass", pass},
                         {"expect", to_string(*expected.expect)},
                         {"verdict", to_string(result->verdict)},
                         {"rule", text_or_null(result->rule)},
                         {"reason", result->reason}});
    }
    const std::size_t failed = results.size() - passed;
    return respond({{"passed", passed}, {"failed", failed}, {"results", std::move(results)}});
  });
}

const Json kVerdict = schema::one_of({"allow", "deny"});
const Json kRule = schema::nullable(schema::text());

std::vector<FieldInfo> check_answer() {
  return {
      answered("verdict", kVerdict, "what would be decided"),
      answered("rule", kRule, "the policy that decides, or `default`; null: no policy is asked"),
      answered("position", schema::nullable(schema::integer()), "of that policy"),
      answered("reason", schema::text(), "a sentence"),
      answered("route", {{"oneOf", {schema::component("Route"), {{"type", "null"}}}}},
               "the one that a packet takes, if it may"),
      answered("tunnel", schema::nullable(schema::text()), "where it leads"),
      answered("tunnel_status",
               schema::nullable(schema::one_of({"healthy", "degraded", "down", "inactive"})),
               "as of the tunnel"),
  };
}

std::vector<FieldInfo> test_answer() {
  const std::vector<FieldInfo> result{
      answered("name", schema::nullable(schema::text()), "as it was given"),
      answered("pass", schema::boolean(), "it is as expected"),
      answered("expect", kVerdict, "as it was given"),
      answered("verdict", kVerdict, "what would be decided"),
      answered("rule", kRule, "what decides"),
      answered("reason", schema::text(), "a sentence"),
  };
  return {
      answered("passed", schema::integer(), "how many are as expected"),
      answered("failed", schema::integer(), "how many are not"),
      answered("results", schema::list_of(answer_schema(result)),
               "in the order of the expectations"),
  };
}

}  // namespace

void add_policy_check_endpoints(Endpoints& endpoints) {
  endpoints.define("PolicyCheck", answer_schema(check_answer()));
  endpoints.define("PolicyTest", answer_schema(test_answer()));
  endpoints.add({"POST", "/policies/check", "Says what would be decided about a flow", Access::read,
                 answers("PolicyCheck")},
                Body<CheckInput>{check_fields<CheckInput>(), Purpose::make}, check);
  endpoints.add(
      {"POST", "/policies/test", "Compares decisions with what is expected", Access::read,
       answers("PolicyTest")},
      Body<TestInput>{{field<TestInput>("expectations", Use::required, &TestInput::expectations,
                                        "flows, and what should be decided")},
                      Purpose::make},
      test);
}

}  // namespace oneping::control
