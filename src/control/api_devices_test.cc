// Devices as the API shows them while they come and go.
#include <gtest/gtest.h>

#include "control/testing/checked_api.h"
#include "control/testing/world.h"

namespace oneping::control {
namespace {

using namespace std::chrono_literals;

struct ApiDevicesTest : testing::World, ::testing::Test {
  ApiDevicesTest() {
    const auto made = control->change("test", [](Draft& draft) -> Outcome<Id> {
      for (const char* name : {"laptop", "phone"}) {
        Device device;
        device.id = draft.new_id();
        device.name = name;
        draft.create(device);
        if (device.name == "laptop") continue;
        return device.id;
      }
      return Id{0};
    });
    phone = *made;
    laptop = phone - 1;
  }
  Id laptop = 0;
  Id phone = 0;
};

TEST_F(ApiDevicesTest, SessionsAreShown) {
  edge.live_sessions = {{.device = laptop,
                         .peer = *SocketAddress::parse("192.0.2.10:4000"),
                         .age = 5s,
                         .rtt = 2ms,
                         .datagrams_sent = 10,
                         .datagrams_lost = 1,
                         .mtu = 1410},
                        {.device = laptop, .age = 1s, .mtu = 1280}};
  const ApiResponse response = ask("GET", "/devices/laptop");
  const Json device = Json::parse(response.body);
  EXPECT_EQ(device["online"], true);
  ASSERT_EQ(device["sessions"].size(), 2u);
  EXPECT_EQ(device["sessions"][0]["age_ms"], 1000) << "the newest first";
  EXPECT_EQ(device["sessions"][1]["peer"], "192.0.2.10:4000");
  EXPECT_EQ(device["sessions"][1]["rtt_ms"], 2);
  EXPECT_EQ(device["sessions"][1]["loss"], 0.1);
  EXPECT_EQ(device["sessions"][1]["mtu"], 1410);
  EXPECT_EQ(testing::broken_promise("GET", "/devices/laptop", response), "");
  const Json other = json("GET", "/devices/phone");
  EXPECT_EQ(other["online"], false);
  EXPECT_EQ(other["sessions"], Json::array());
  edge.is_busy = true;
  EXPECT_EQ(ask("GET", "/devices").status, 503);
}

TEST_F(ApiDevicesTest, ComingAndGoingIsRememberedAndAnnounced) {
  EXPECT_EQ(json("GET", "/devices/laptop")["last_seen"], nullptr);
  ApiRequest request;
  request.method = "GET";
  request.path = "/api/v1/events";
  const ApiResponse listening = api->handle(request);
  (void)listening.events->next({});
  control->on_devices_online({{laptop, true}, {phone, true}, {4711, true}});
  EXPECT_EQ(json("GET", "/devices/laptop")["last_seen"], timestamp_text(now));
  const std::string heard = *listening.events->next({});
  EXPECT_NE(heard.find("event: device.online\n"), std::string::npos) << heard;
  EXPECT_NE(heard.find("\"object\":\"laptop\""), std::string::npos) << heard;
  now += 1min;
  control->on_devices_online({{laptop, false}});
  EXPECT_EQ(json("GET", "/devices/laptop")["last_seen"], timestamp_text(now));
  EXPECT_EQ(json("GET", "/audit", nullptr, {{"action", "device.seen"}})["items"].size(), 1u)
      << "written once for both, and not again so soon";
  now += 10min;
  control->on_devices_online({{laptop, true}});
  const Json seen = json("GET", "/audit", nullptr, {{"action", "device.seen"}})["items"];
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0]["object"], "laptop");
  EXPECT_EQ(seen[1]["detail"]["devices"], Json({"laptop", "phone"}));

  open();
  EXPECT_EQ(json("GET", "/devices/phone")["last_seen"], timestamp_text(now - 11min))
      << "from the store";
}

}  // namespace
}  // namespace oneping::control
