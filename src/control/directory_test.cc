#include "control/directory.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "forward/route_table.h"

namespace oneping::control {
namespace {

Prefix prefix(const char* text) { return *Prefix::parse(text); }

void apply(Directory& directory, const std::vector<Change>& changes) { directory.apply(changes); }

User user(Id id, const char* name) {
  return {.id = id, .name = name, .comment = "", .created = {}};
}

Route route(Id id, const char* text, Id tunnel, Id vnet = kDefaultVnet) {
  return {.id = id, .prefix = prefix(text), .vnet = vnet, .tunnel = tunnel};
}

TEST(Directory, FindsByNameAndId) {
  Directory directory;
  apply(directory, {user(5, "alice"), user(9, "bob")});
  EXPECT_EQ(directory.users().find(5)->name, "alice");
  EXPECT_EQ(directory.users().find(std::string_view("bob"))->id, 9);
  EXPECT_EQ(directory.users().find(std::string_view("Bob")), nullptr) << "case matters";
  EXPECT_EQ(directory.last_id(), 9);
}

TEST(Directory, RenamesAndForgets) {
  Directory directory;
  apply(directory, {user(5, "alice")});
  apply(directory, {user(5, "anna")});
  EXPECT_EQ(directory.users().find(std::string_view("alice")), nullptr);
  EXPECT_EQ(directory.users().find(std::string_view("anna"))->id, 5);
  apply(directory, {Erase{Kind::user, 5}});
  EXPECT_EQ(directory.users().find(std::string_view("anna")), nullptr);
  EXPECT_EQ(directory.users().size(), 0u);
  EXPECT_EQ(directory.last_id(), 5) << "ids are never given again";
}

TEST(Directory, SwapsNamesAndPrefixesInOneChange) {
  Directory directory;
  apply(directory, {user(5, "alice"), user(6, "bob"), Tunnel{.id = 7, .name = "t"},
                    route(8, "10.0.0.0/8", 7), route(9, "10.1.0.0/16", 7)});
  apply(directory,
        {user(5, "bob"), user(6, "alice"), route(8, "10.1.0.0/16", 7), route(9, "10.0.0.0/8", 7)});
  EXPECT_EQ(directory.users().find(std::string_view("bob"))->id, 5);
  EXPECT_EQ(directory.users().find(std::string_view("alice"))->id, 6);
  EXPECT_EQ(directory.find_route(kDefaultVnet, prefix("10.1.0.0/16"))->id, 8);
  EXPECT_EQ(directory.find_route(kDefaultVnet, prefix("10.0.0.0/8"))->id, 9);
}

TEST(Directory, KnowsWhatBelongsToWhat) {
  Directory directory;
  apply(directory, {user(5, "alice"), Group{.id = 6, .name = "staff", .members = {5}},
                    Device{.id = 7, .name = "laptop", .user = 5}, Tunnel{.id = 8, .name = "t"},
                    route(9, "10.0.0.0/8", 8)});
  EXPECT_EQ(directory.groups_of(5), Directory::Ids{6});
  EXPECT_EQ(directory.devices_of(5), Directory::Ids{7});
  EXPECT_EQ(directory.routes_of(8), Directory::Ids{9});
  EXPECT_EQ(directory.routes_in(kDefaultVnet).size(), 1u);

  apply(directory, {Group{.id = 6, .name = "staff"}, Device{.id = 7, .name = "laptop"},
                    route(9, "10.0.0.0/8", 8, 2)});
  EXPECT_TRUE(directory.groups_of(5).empty());
  EXPECT_TRUE(directory.devices_of(5).empty());
  EXPECT_TRUE(directory.routes_in(kDefaultVnet).empty());
  EXPECT_EQ(directory.routes_in(2).size(), 1u);
  apply(directory, {Erase{Kind::route, 9}});
  EXPECT_TRUE(directory.routes_of(8).empty());
}

TEST(Directory, FindsTunnelsByUuid) {
  Directory directory;
  const Uuid uuid{1, 2, 3};
  apply(directory, {Tunnel{.id = 8, .name = "t", .uuid = uuid}});
  EXPECT_EQ(directory.find_tunnel(uuid)->id, 8);
  apply(directory, {Erase{Kind::tunnel, 8}});
  EXPECT_EQ(directory.find_tunnel(uuid), nullptr);
}

TEST(Directory, KeepsPoliciesByPosition) {
  Directory directory;
  apply(directory,
        {Policy{.id = 2, .position = 2, .name = "b"}, Policy{.id = 3, .position = 1, .name = "a"}});
  EXPECT_EQ(directory.policy_order(), (std::vector<Id>{3, 2}));
  apply(directory,
        {Policy{.id = 4, .position = 2, .name = "c"}, Policy{.id = 2, .position = 3, .name = "b"}});
  EXPECT_EQ(directory.policy_order(), (std::vector<Id>{3, 4, 2}));
}

// The route that the API names is the one that the packet path takes.
RC_GTEST_PROP(Directory, RoutesAsTheRouteTableDoes, ()) {
  const auto some_address = rc::gen::map(rc::gen::arbitrary<std::uint8_t>(), [](std::uint8_t n) {
    return n < 128 ? IpAddress::v4(0x0a000000u + n)
                   : *IpAddress::parse("fd00::" + std::to_string(n % 10));
  });
  const auto some_prefix =
      rc::gen::apply([](const IpAddress& address,
                        int cut) { return Prefix(address, (address.is_v4() ? 32 : 128) - cut); },
                     some_address, rc::gen::inRange(0, 33));
  const auto prefixes = *rc::gen::container<std::vector<Prefix>>(some_prefix);
  Directory directory;
  std::vector<oneping::Route> routes;
  std::vector<Change> changes;
  for (const Prefix& one : prefixes) {
    const Id id = static_cast<Id>(routes.size()) + 10;
    if (directory.find_route(kDefaultVnet, one) != nullptr) continue;
    const Change change = Route{.id = id, .prefix = one, .tunnel = 2};
    directory.apply({&change, 1});
    routes.push_back({one, static_cast<RouteTarget>(id)});
  }
  const RouteTable table(routes);
  const IpAddress destination = *some_address;
  const Route* found = directory.route_towards(kDefaultVnet, destination);
  const auto target = table.lookup(destination);
  RC_ASSERT((found != nullptr) == target.has_value());
  if (found != nullptr) RC_ASSERT(static_cast<RouteTarget>(found->id) == *target);
}

}  // namespace
}  // namespace oneping::control
