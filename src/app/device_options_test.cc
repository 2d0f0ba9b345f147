#include "app/device_options.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

OptionSources with(OptionTable::Texts flags) {
  OptionSources sources;
  sources.environment = [](const char*) -> const char* { return nullptr; };
  sources.flags = std::move(flags);
  return sources;
}

TEST(DeviceOptions, HaveDefaults) {
  const auto options = load_device_options(with({}));
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_FALSE(options->state.empty());
  EXPECT_EQ(options->interface, "oneping");
  EXPECT_FALSE(options->admin) << "a laptop listens nowhere";
}

TEST(DeviceOptions, AreRead) {
  const auto options = load_device_options(with({{"state", {"/x"}},
                                                 {"interface", {"vpn7"}},
                                                 {"admin", {"127.0.0.1:9792"}},
                                                 {"wait", {"3s"}},
                                                 {"log.level", {"debug"}}}));
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->state, "/x");
  EXPECT_EQ(options->interface, "vpn7");
  EXPECT_EQ(options->admin, SocketAddress::parse("127.0.0.1:9792"));
  EXPECT_EQ(options->wait, std::chrono::seconds(3));
  EXPECT_EQ(options->log.level, log::Level::debug);
}

}  // namespace
}  // namespace oneping
