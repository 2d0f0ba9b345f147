#include "control/control.h"

#include <gtest/gtest.h>

#include "control/people.h"
#include "control/routes.h"
#include "control/testing/world.h"
#include "control/tunnels.h"

namespace oneping::control {
namespace {

using std::chrono::minutes;
using testing::World;

Id make_tunnel(World& world, const std::string& name) {
  const auto id = world.control->change(
      "test", [&](Draft& draft) { return create_tunnel(draft, {.name = name, .comment = {}}); });
  return id.value_or(0);
}

Outcome<Id> make_route(World& world, const char* prefix, const std::string& tunnel) {
  return world.control->change("test", [&](Draft& draft) {
    return create_route(
        draft,
        {.prefix = Prefix::parse(prefix), .tunnel = Reference{tunnel}, .vnet = {}, .comment = {}});
  });
}

edge::TunnelStatus connected(const Uuid& id) {
  edge::TunnelStatus status;
  status.id = id;
  status.health = edge::TunnelHealth::healthy;
  return status;
}

TEST(Control, AChangeIsStoredAppliedAndAnnounced) {
  World world;
  const auto listener = world.control->events().subscribe(std::nullopt);
  (void)listener->next({});
  make_tunnel(world, "office");
  ASSERT_TRUE(make_route(world, "10.0.0.0/8", "office"));

  EXPECT_EQ(world.store.load()->routes.size(), 1u);
  ASSERT_EQ(world.store.entries.size(), 2u);
  const AuditEntry& entry = world.store.entries.front();
  EXPECT_EQ(entry.actor, "test");
  EXPECT_EQ(entry.action, "route.create");
  EXPECT_EQ(entry.object, "10.0.0.0/8");
  EXPECT_EQ(entry.time, world.now);
  EXPECT_EQ(Json::parse(entry.detail)["tunnel"], "office");

  ASSERT_EQ(world.edge.applied.size(), 2u);
  EXPECT_EQ(world.edge.applied.back().routing->networks.at(1).size(), 1u);
  EXPECT_EQ(world.edge.applied.back().routing, world.control->snapshot().routing);

  const std::string heard = *listener->next({});
  EXPECT_NE(heard.find("event: tunnel.create\n"), std::string::npos);
  EXPECT_NE(heard.find("event: route.create\ndata: {\"time\":\"2026-11-21T00:00:00.000Z\","
                       "\"object\":\"10.0.0.0/8\",\"actor\":\"test\","),
            std::string::npos)
      << heard;
}

TEST(Control, WhatChangesNothingIsNotWritten) {
  World world;
  make_tunnel(world, "office");
  world.edge.applied.clear();
  const auto same = world.control->change("test", [&](Draft& draft) {
    return update_tunnel(draft, {"office"}, {.name = "office", .comment = {}});
  });
  EXPECT_TRUE(same);
  EXPECT_EQ(world.store.entries.size(), 1u);
  EXPECT_TRUE(world.edge.applied.empty());
}

TEST(Control, TheEdgeHearsOnlyWhatConcernsIt) {
  World world;
  const auto made = world.control->change(
      "test", [](Draft& draft) { return create_user(draft, {.name = "alice", .comment = {}}); });
  EXPECT_TRUE(made);
  EXPECT_TRUE(world.edge.applied.empty());
}

TEST(Control, WhatTheStoreRefusesHasNotHappened) {
  World world;
  world.store.is_full = true;
  const auto id = world.control->change(
      "test", [](Draft& draft) { return create_tunnel(draft, {.name = "office", .comment = {}}); });
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, RefusalKind::broken);
  EXPECT_NE(id.error().detail.find("the disk is full"), std::string::npos);
  EXPECT_TRUE(world.edge.applied.empty());
  EXPECT_EQ(world.control->read([](const Directory& d) { return d.tunnels().size(); }), 0u);
  world.store.is_full = false;
  EXPECT_EQ(make_tunnel(world, "office"), 2) << "the id was not used up";
}

TEST(Control, AChangeIsKeptWhenTheEdgeDoesNotAnswer) {
  World world;
  world.edge.is_busy = true;
  const auto id = world.control->change(
      "test", [](Draft& draft) { return create_tunnel(draft, {.name = "office", .comment = {}}); });
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, RefusalKind::unavailable);
  EXPECT_NE(id.error().detail.find("is kept"), std::string::npos);
  EXPECT_EQ(world.store.load()->tunnels.size(), 1u);
  EXPECT_EQ(world.control->snapshot().routing->tunnels.size(), 1u);
}

TEST(Control, BeginsWithWhatTheStoreHolds) {
  World world;
  make_tunnel(world, "office");
  ASSERT_TRUE(make_route(world, "10.0.0.0/8", "office"));
  world.open();
  EXPECT_EQ(world.control->snapshot().routing->networks.at(1).size(), 1u);
  EXPECT_EQ(make_tunnel(world, "home"), 4) << "ids go on";
}

TEST(Control, BeforeTheStartTheEdgeHearsNothing) {
  World world;
  auto control = Control::open({.edge = {}, .now = [&] { return world.now; }}, world.store,
                               world.edge, world.random);
  ASSERT_TRUE(control);
  const Control::Ingress ingress{.device = "tun", .user = "", .tags = {}, .vnet = "default"};
  ASSERT_TRUE((*control)->ensure_ingress(ingress));
  EXPECT_TRUE(world.edge.applied.empty());
  EXPECT_EQ((*control)->snapshot().identities->size(), 1u);
}

TEST(Control, MakesTheIngressAndItsUser) {
  World world;
  Control::Ingress ingress{.device = "tun", .user = "ops", .tags = {"edge"}, .vnet = "default"};
  const auto id = world.control->ensure_ingress(ingress);
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(world.store.entries.size(), 2u) << "the user and the device";
  EXPECT_EQ(world.store.entries.front().actor, "edge");
  const edge::Snapshot snapshot = world.control->snapshot();
  const edge::Identity& identity = *snapshot.identities->at(*id);
  EXPECT_EQ(identity.device, "tun");
  EXPECT_EQ(identity.user, "ops");
  EXPECT_EQ(identity.tags, std::vector<std::string>{"edge"});

  world.open();
  EXPECT_EQ(world.control->ensure_ingress(ingress), *id);
  EXPECT_EQ(world.store.entries.size(), 2u) << "nothing has changed";

  world.open();
  ingress = {.device = "renamed", .user = "", .tags = {}, .vnet = "default"};
  EXPECT_EQ(world.control->ensure_ingress(ingress), *id) << "it is the same, by another name";
  EXPECT_EQ(world.control->snapshot().identities->at(*id)->user, "");
  const auto second = world.control->ensure_ingress(
      {.device = "second", .user = "", .tags = {}, .vnet = "default"});
  ASSERT_TRUE(second);
  EXPECT_NE(*second, *id) << "the first was named in this run";
}

TEST(Control, RefusesAnIngressThatCannotBe) {
  World world;
  const auto message = [&](const Control::Ingress& ingress) {
    const auto id = world.control->ensure_ingress(ingress);
    return id ? "it was made" : id.error().message;
  };
  EXPECT_EQ(message({.device = "tun", .user = "", .tags = {}, .vnet = "lab"}),
            "the ingress \"tun\": there is no vnet \"lab\"");
  EXPECT_EQ(message({.device = "t/un", .user = "", .tags = {}, .vnet = "default"}),
            "the ingress \"t/un\": the name \"t/un\" has a character other than letters, digits, "
            "'.', '-' and '_'");
  EXPECT_EQ(message({.device = "tun", .user = "", .tags = {"a b"}, .vnet = "default"}),
            "the ingress \"tun\": the tag \"a b\" has a character other than letters, digits, "
            "'.', '-' and '_'");
}

TEST(Control, RemembersWhenATunnelWasConnected) {
  World world;
  const Id id = make_tunnel(world, "office");
  const Uuid uuid = world.store.load()->tunnels[0].uuid;
  const auto listener = world.control->events().subscribe(std::nullopt);
  (void)listener->next({});
  const auto connected_at = [&] {
    return world.control->read(
        [&](const Directory& directory) { return directory.tunnels().find(id)->last_connected; });
  };

  world.edge.applied.clear();
  world.control->on_tunnel_health(uuid, edge::TunnelHealth::inactive);
  EXPECT_EQ(connected_at(), std::nullopt);
  world.control->on_tunnel_health(uuid, edge::TunnelHealth::healthy);
  EXPECT_EQ(connected_at(), world.now);
  EXPECT_EQ(world.store.load()->tunnels[0].last_connected, world.now);
  EXPECT_TRUE(world.edge.applied.empty()) << "nothing that the edge acts by";
  const auto first = world.now;

  world.now += minutes(1);
  world.control->on_tunnel_health(uuid, edge::TunnelHealth::degraded);
  EXPECT_EQ(connected_at(), world.now);
  EXPECT_EQ(world.store.load()->tunnels[0].last_connected, first) << "not written so soon";
  world.now += minutes(9);
  world.control->on_tunnel_health(uuid, edge::TunnelHealth::healthy);
  EXPECT_EQ(world.store.load()->tunnels[0].last_connected, world.now);
  world.now += minutes(1);
  world.control->on_tunnel_health(uuid, edge::TunnelHealth::down);
  EXPECT_EQ(world.store.load()->tunnels[0].last_connected, world.now) << "it may stay so for long";

  std::string heard = *listener->next({});
  for (const char* name : {"tunnel.up", "tunnel.down", "tunnel.degraded"}) {
    EXPECT_NE(heard.find(std::string("event: ") + name + "\n"), std::string::npos) << heard;
  }
  world.control->on_tunnel_health(Uuid{9}, edge::TunnelHealth::healthy);  // no tunnel: nothing
}

TEST(Control, ATunnelThatWasConnectedBeforeTheStartIsDown) {
  World world;
  make_tunnel(world, "office");
  const Uuid uuid = world.store.load()->tunnels[0].uuid;
  EXPECT_EQ(world.json("GET", "/tunnels/office")["status"], "inactive");
  world.control->on_tunnel_health(uuid, edge::TunnelHealth::healthy);
  world.edge.status = {connected(uuid)};
  EXPECT_EQ(world.json("GET", "/tunnels/office")["status"], "healthy");
  world.edge.status.clear();
  world.open();
  EXPECT_EQ(world.json("GET", "/tunnels/office")["status"], "down");
}

TEST(Control, TimeEndsATokenAndTellsTheEdge) {
  World world;
  make_tunnel(world, "office");
  ASSERT_EQ(world.ask("POST", "/tunnels/office/token").status, 200);
  EXPECT_EQ(world.control->next_deadline(), std::nullopt);
  ASSERT_EQ(world.ask("POST", "/tunnels/office/rotate", {{"grace_ms", 60'000}}).status, 200);
  const auto secrets = [&] {
    return world.edge.applied.back().routing->tunnels[0]->secrets.size();
  };
  EXPECT_EQ(secrets(), 2u);
  ASSERT_EQ(world.control->next_deadline(), world.now + minutes(1));

  world.edge.applied.clear();
  world.control->on_time();
  EXPECT_TRUE(world.edge.applied.empty()) << "nothing is due";
  world.now += minutes(1);
  world.control->on_time();
  ASSERT_EQ(world.edge.applied.size(), 1u);
  EXPECT_EQ(secrets(), 1u);
  EXPECT_EQ(world.control->next_deadline(), std::nullopt);
}

TEST(Control, BacksUpUnderANameOfItsOwn) {
  World world;
  const auto first = world.control->backup();
  const auto second = world.control->backup();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_TRUE(first->starts_with("/nowhere/backup-"));
  EXPECT_EQ(world.store.backups, (std::vector<std::string>{*first, *second}));
}

}  // namespace
}  // namespace oneping::control
