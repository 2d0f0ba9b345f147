// Users, groups, keys, devices and API tokens through the API.
#include <gtest/gtest.h>

#include "control/testing/api_case.h"

namespace oneping::control {
namespace {

using testing::FurnishedWorld;
using testing::run;

TEST(ApiPeople, Users) {
  run({
      {"list", "GET", "/users", nullptr, 200, "bob@example.org"},
      {"show", "GET", "/users/alice", nullptr, 200, "\"groups\":[\"staff\"],\"devices\":1"},
      {"no such", "GET", "/users/eve", nullptr, 404},
      {"make", "POST", "/users", R"({"name": "eve@example.org"})", 201},
      {"name taken", "POST", "/users", R"({"name": "alice"})", 409, "", "name"},
      {"rename", "PATCH", "/users/alice", R"({"name": "anna"})", 200, "\"name\":\"anna\""},
      {"delete one in use", "DELETE", "/users/alice", nullptr, 409, "device \\\"laptop\\\""},
      {"delete", "DELETE", "/users/bob@example.org", nullptr, 204},
      {"delete what is not", "DELETE", "/users/eve", nullptr, 404},
  });
}

TEST(ApiPeople, Groups) {
  run({
      {"list", "GET", "/groups", nullptr, 200, "\"members\":[\"alice\"]"},
      {"show", "GET", "/groups/staff", nullptr, 200},
      {"no such", "GET", "/groups/x", nullptr, 404},
      {"make", "POST", "/groups",
       R"({"name": "new", "members": ["bob@example.org", "alice", "alice"]})", 201,
       "\"members\":[\"alice\",\"bob@example.org\"]"},
      {"with nobody's name", "POST", "/groups", R"({"name": "new", "members": ["eve"]})", 422, "",
       "members"},
      {"with no names", "POST", "/groups", R"({"name": "new", "members": "alice"})", 400, "",
       "members"},
      {"other members", "PATCH", "/groups/staff", R"({"members": ["bob@example.org"]})", 200,
       "\"members\":[\"bob@example.org\"]"},
      {"no members", "PATCH", "/groups/staff", R"({"members": null})", 200, "\"members\":[]"},
      {"one more", "PUT", "/groups/staff/members/bob@example.org", nullptr, 200,
       "[\"alice\",\"bob@example.org\"]"},
      {"one who is in it", "PUT", "/groups/staff/members/alice", nullptr, 200, "[\"alice\"]"},
      {"nobody", "PUT", "/groups/staff/members/eve", nullptr, 404, "no user"},
      {"into none", "PUT", "/groups/x/members/alice", nullptr, 404, "no group"},
      {"one less", "DELETE", "/groups/staff/members/alice", nullptr, 204},
      {"one who is not in it", "DELETE", "/groups/guests/members/alice", nullptr, 404, "is not in"},
      {"delete one in use", "DELETE", "/groups/staff", nullptr, 409, "policy \\\"staff-ping\\\""},
      {"delete", "DELETE", "/groups/guests", nullptr, 204},
  });
}

TEST(ApiPeople, Keys) {
  run({
      {"list", "GET", "/keys", nullptr, 200, "\"state\":\"valid\""},
      {"show", "GET", "/keys/key1", nullptr, 200, "\"tags\":[\"mobile\"]"},
      {"no such", "GET", "/keys/x", nullptr, 404},
      {"make", "POST", "/keys",
       R"({"name": "k", "reusable": true, "expires": "2027-01-01T00:00:00Z", "user": "alice", "tags": ["a", "a"]})",
       201, "\"user\":\"alice\",\"tags\":[\"a\"]"},
      {"without a word", "POST", "/keys", nullptr, 201, "\"name\":\"key-"},
      {"answers the secret", "POST", "/keys", "{}", 201, "\"key\":\"opk_"},
      {"over before it begins", "POST", "/keys", R"({"expires": "2026-11-21T00:00:00Z"})", 422, "",
       "expires"},
      {"for nobody", "POST", "/keys", R"({"user": "eve"})", 422, "", "user"},
      {"a bad tag", "POST", "/keys", R"({"tags": ["a b"]})", 422, "", "tags"},
      {"extend", "PATCH", "/keys/key1", R"({"expires": "2027-01-01T00:00:00Z"})", 200,
       "\"expires\":\"2027-01-01T00:00:00.000Z\""},
      {"for ever", "PATCH", "/keys/key1", R"({"expires": null})", 200, "\"expires\":null"},
      {"rename", "PATCH", "/keys/key1", R"({"name": "k"})", 400, "", "name"},
      {"revoke", "POST", "/keys/key1/revoke", nullptr, 200, "\"state\":\"revoked\""},
      {"revoke what is not", "POST", "/keys/x/revoke", nullptr, 404},
      {"delete", "DELETE", "/keys/key1", nullptr, 204},
      {"delete what is not", "DELETE", "/keys/x", nullptr, 404},
  });
}

TEST(ApiPeople, Devices) {
  run({
      {"list", "GET", "/devices", nullptr, 200, "\"kind\":\"ingress\""},
      {"show", "GET", "/devices/laptop", nullptr, 200, "\"groups\":[\"staff\"]"},
      {"no such", "GET", "/devices/x", nullptr, 404},
      {"make", "POST", "/devices", R"({"name": "x"})", 405},
      {"rename", "PATCH", "/devices/laptop", R"({"name": "desktop"})", 200},
      {"name taken", "PATCH", "/devices/laptop", R"({"name": "lost"})", 409, "", "name"},
      {"to nobody", "PATCH", "/devices/laptop", R"({"user": null})", 200, "\"user\":null"},
      {"to whom there is not", "PATCH", "/devices/laptop", R"({"user": "eve"})", 422, "", "user"},
      {"to no network", "PATCH", "/devices/laptop", R"({"vnet": null})", 400, "", "vnet"},
      {"tags", "PATCH", "/devices/laptop", R"({"tags": ["a", "b"]})", 200,
       "\"tags\":[\"a\",\"b\"]"},
      {"the server's", "PATCH", "/devices/laptop", R"({"revoked": true})", 400, "", "revoked"},
      {"an ingress", "PATCH", "/devices/tun", R"({"name": "x"})", 409, "configuration"},
      {"revoke", "POST", "/devices/laptop/revoke", nullptr, 200, "\"revoked\":true"},
      {"revoke an ingress", "POST", "/devices/tun/revoke", nullptr, 200, "\"online\":false"},
      {"restore", "POST", "/devices/lost/restore", nullptr, 200, "\"revoked\":false"},
      {"restore what is not", "POST", "/devices/x/restore", nullptr, 404},
      {"delete one that could come", "DELETE", "/devices/laptop", nullptr, 409, "revoke it first"},
      {"delete", "DELETE", "/devices/lost", nullptr, 204},
      {"delete an ingress", "DELETE", "/devices/tun", nullptr, 409},
  });
  FurnishedWorld world;
  (void)world.ask("POST", "/policies",
                  {{"name", "p"}, {"verdict", "deny"}, {"who", {"device:lost"}}});
  EXPECT_EQ(world.ask("DELETE", "/devices/lost").status, 409);
}

TEST(ApiPeople, ApiTokens) {
  run({
      {"list", "GET", "/api-tokens", nullptr, 200, "\"role\":\"read\""},
      {"show", "GET", "/api-tokens/ci", nullptr, 200},
      {"make", "POST", "/api-tokens", R"({"name": "t", "role": "admin"})", 201, "\"token\":\"opa_"},
      {"without a name", "POST", "/api-tokens", "{}", 400, "", "name"},
      {"name taken", "POST", "/api-tokens", R"({"name": "ci"})", 409, "", "name"},
      {"with no role", "POST", "/api-tokens", R"({"name": "t", "role": "root"})", 422, "", "role"},
      {"over before it begins", "POST", "/api-tokens",
       R"({"name": "t", "expires": "2020-01-01T00:00:00Z"})", 422, "", "expires"},
      {"change", "PATCH", "/api-tokens/ci", "{}", 405},
      {"delete", "DELETE", "/api-tokens/ci", nullptr, 204},
      {"delete what is not", "DELETE", "/api-tokens/x", nullptr, 404},
  });
}

}  // namespace
}  // namespace oneping::control
