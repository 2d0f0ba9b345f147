#include "flow/flow_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "wire/ip_address.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;

struct EchoFlow {
  IpAddress client;
  IpAddress destination;
  std::uint16_t id = 0;
  friend bool operator==(const EchoFlow&, const EchoFlow&) = default;
};

std::size_t hash_of(const EchoFlow& flow, std::uint64_t seed) {
  return oneping::hash_of(flow.client, oneping::hash_of(flow.destination, seed ^ flow.id));
}

using Table = FlowTable<EchoFlow, int>;

EchoFlow flow(std::uint32_t n) {
  return {IpAddress::v4(0x64600000 + n), IpAddress::v4(0xac100a78),
          static_cast<std::uint16_t>(n % 3)};
}

TEST(FlowTable, RemembersUntilTheIdleTimeout) {
  Table table({.capacity = 8, .idle_timeout = 60s});
  table.insert(flow(1), 11, Time(0s));
  ASSERT_NE(table.use(flow(1), Time(59s)), nullptr);
  EXPECT_EQ(*table.use(flow(1), Time(118s)), 11) << "use refreshes";
  EXPECT_EQ(table.use(flow(1), Time(178s)), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

TEST(FlowTable, LookingDoesNotRefresh) {
  Table table({.capacity = 8, .idle_timeout = 60s});
  table.insert(flow(1), 11, Time(0s));
  EXPECT_NE(table.find(flow(1), Time(59s)), nullptr);
  EXPECT_EQ(table.find(flow(1), Time(60s)), nullptr);
}

TEST(FlowTable, ClientsWithTheSameIdAndDestinationAreDifferentFlows) {
  Table table({.capacity = 8});
  table.insert(flow(3), 3, Time(0s));
  table.insert(flow(6), 6, Time(0s));
  EXPECT_EQ(*table.find(flow(3), Time(1s)), 3);
  EXPECT_EQ(*table.find(flow(6), Time(1s)), 6);
}

TEST(FlowTable, TheLeastRecentlyUsedMakesRoom) {
  Table table({.capacity = 3, .idle_timeout = 60s});
  for (std::uint32_t n = 0; n < 3; ++n) table.insert(flow(n), static_cast<int>(n), Time(1s * n));
  (void)table.use(flow(0), Time(4s));
  table.insert(flow(9), 9, Time(5s));
  EXPECT_EQ(table.size(), 3u);
  EXPECT_EQ(table.evicted(), 1u);
  EXPECT_NE(table.find(flow(0), Time(5s)), nullptr);
  EXPECT_EQ(table.find(flow(1), Time(5s)), nullptr);
}

TEST(FlowTable, ExpiresWhatIsIdle) {
  Table table({.capacity = 1000, .idle_timeout = 60s});
  for (std::uint32_t n = 0; n < 100; ++n) table.insert(flow(n), 0, Time(1s * n));
  table.expire(Time(109s));
  EXPECT_EQ(table.size(), 50u);
}

// Against a plain map: whatever is inserted, used and expired, both know the same flows.
RC_GTEST_PROP(FlowTable, AgreesWithAMap, ()) {
  Table table(
      {.capacity = 1000, .idle_timeout = 10s, .seed = *rc::gen::arbitrary<std::uint64_t>()});
  std::map<std::uint32_t, std::pair<int, Time>> model;
  Time now{};
  const auto steps = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint8_t>>>(
      rc::gen::arbitrary<std::pair<std::uint8_t, std::uint8_t>>());
  int value = 0;
  for (const auto& [n, action] : steps) {
    now += std::chrono::milliseconds(action * 20);
    std::erase_if(model, [&](const auto& e) { return now - e.second.second >= 10s; });
    int* found = table.use(flow(n), now);
    const auto known = model.find(n);
    RC_ASSERT((found != nullptr) == (known != model.end()));
    if (found != nullptr) {
      RC_ASSERT(*found == known->second.first);
      known->second.second = now;
    } else {
      table.insert(flow(n), ++value, now);
      model[n] = {value, now};
    }
    table.expire(now);
    RC_ASSERT(table.size() == model.size());
  }
}

}  // namespace
}  // namespace oneping
