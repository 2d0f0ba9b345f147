#include "app/device_state.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "app/files.h"
#include "app/testing/folder.h"
#include "device/testing/fake_edge.h"

namespace oneping {
namespace {

using device::testing::authority;
using device::testing::prefix;
using device::testing::real_now;

StoredDevice make_device(const std::string& name, const quic::KeyAndRequest& key) {
  const quic::Validity validity{real_now(), real_now() + std::chrono::hours(24)};
  const auto chain =
      device::read_chain(device::testing::sign(key.request_pem, validity),
                         *quic::csr_key_pin(key.request_pem), *quic::key_pin(authority().ca_pem));
  EXPECT_TRUE(chain);
  return {.edge = *HostPort::parse("edge.example:7844"),
          .name = name,
          .id = 7,
          .addresses = {prefix("100.96.0.7"), prefix("fd00::7")},
          .key_pem = key.key_pem,
          .certificate = *chain};
}

const quic::KeyAndRequest& key() { return device::testing::device_key(); }
const quic::KeyAndRequest& other_key() {
  static const auto kKey = *quic::make_key_and_csr("other");
  return kKey;
}

class DeviceStateTest : public ::testing::Test {
 protected:
  TestingFolder folder;
  DeviceState state{folder / "a/device"};
};

TEST_F(DeviceStateTest, KeepsWhatItIsGiven) {
  EXPECT_FALSE(state.is_enrolled());
  const StoredDevice device = make_device("laptop", key());
  const auto saved = state.save(device);
  ASSERT_TRUE(saved) << saved.error().message;
  EXPECT_TRUE(state.is_enrolled());
  const auto loaded = state.load();
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->edge, device.edge);
  EXPECT_EQ(loaded->name, "laptop");
  EXPECT_EQ(loaded->id, 7);
  EXPECT_EQ(loaded->addresses, device.addresses);
  EXPECT_EQ(loaded->key_pem, device.key_pem);
  EXPECT_EQ(loaded->certificate.leaf, device.certificate.leaf);
  EXPECT_EQ(loaded->certificate.authority, authority().ca_pem);
  EXPECT_EQ(loaded->certificate.validity, device.certificate.validity);
}

TEST_F(DeviceStateTest, KeyIsForItsOwnerOnly) {
  ASSERT_TRUE(state.save(make_device("laptop", key())));
  EXPECT_EQ(folder.mode_of("a/device/identity/key.pem"), 0600u);
  EXPECT_EQ(folder.mode_of("a/device/identity"), 0700u);
  EXPECT_EQ(folder.mode_of("a/device"), 0700u);
}

TEST_F(DeviceStateTest, NothingIsThereWithAWordWhatToDo) {
  EXPECT_EQ(state.load().error().message,
            "no device is enrolled in " + state.folder() +
                ": oneping device enroll --edge HOST --key-file FILE");
}

TEST_F(DeviceStateTest, NewIdentityTakesThePlaceOfTheOldOneAsAWhole) {
  ASSERT_TRUE(state.save(make_device("laptop", key())));
  ASSERT_TRUE(state.save(make_device("phone", other_key())));
  const auto loaded = state.load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->name, "phone");
  EXPECT_EQ(loaded->key_pem, other_key().key_pem);
  EXPECT_FALSE(file_exists(state.folder() + "/identity.old"));
  EXPECT_FALSE(file_exists(state.folder() + "/identity.new"));
}

// What a crash may leave, step by step.
TEST_F(DeviceStateTest, CrashLeavesTheOldOneOrTheNewOne) {
  const std::string identity = state.folder() + "/identity";
  ASSERT_TRUE(state.save(make_device("laptop", key())));
  const DeviceState other(folder / "b");
  ASSERT_TRUE(other.save(make_device("phone", other_key())));

  // While the new one is written.
  std::filesystem::create_directory(identity + ".new");
  std::filesystem::copy(other.folder() + "/identity/key.pem", identity + ".new/key.pem");
  EXPECT_EQ(state.load()->name, "laptop");
  // Between the two renames.
  std::filesystem::copy(
      other.folder() + "/identity", identity + ".new",
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  std::filesystem::rename(identity, identity + ".old");
  EXPECT_EQ(state.load()->name, "phone");
  EXPECT_EQ(state.load()->key_pem, other_key().key_pem);
  // Before the old one is removed.
  EXPECT_TRUE(file_exists(identity + ".old"));
  ASSERT_TRUE(state.save(make_device("tablet", key())));
  EXPECT_EQ(state.load()->name, "tablet");
  EXPECT_FALSE(file_exists(identity + ".old"));
}

TEST_F(DeviceStateTest, FirstIdentityThatWasNotFinishedIsNone) {
  std::filesystem::create_directories(state.folder() + "/identity.new");
  EXPECT_FALSE(state.is_enrolled());
  ASSERT_TRUE(state.save(make_device("laptop", key())));
  EXPECT_EQ(state.load()->name, "laptop");
}

TEST_F(DeviceStateTest, RenewedCertificateIsForTheSameKey) {
  const StoredDevice device = make_device("laptop", key());
  ASSERT_TRUE(state.save(device));
  const auto renewed = make_device("laptop", key()).certificate;
  ASSERT_NE(renewed.leaf, device.certificate.leaf);
  ASSERT_TRUE(state.save_certificate(renewed));
  EXPECT_EQ(state.load()->certificate.leaf, renewed.leaf);

  const auto other = make_device("laptop", other_key()).certificate;
  EXPECT_FALSE(state.save_certificate(other));
  EXPECT_EQ(state.load()->certificate.leaf, renewed.leaf);
}

TEST_F(DeviceStateTest, DamagedFilesAreNamed) {
  ASSERT_TRUE(state.save(make_device("laptop", key())));
  folder.put("a/device/identity/device.json", "{\"edge\": 7}");
  EXPECT_EQ(state.load().error().message, "reading " + state.folder() +
                                              "/identity/device.json: it does not say which "
                                              "device this is");
  ASSERT_TRUE(state.save(make_device("laptop", key())));
  folder.put("a/device/identity/certificate.pem", "x");
  EXPECT_NE(state.load().error().message.find("certificate.pem"), std::string::npos);
}

TEST(DeviceStateFolder, IsTheUsersOwn) {
  if (::geteuid() == 0) {
    EXPECT_EQ(*DeviceState::default_folder(), "/var/lib/oneping/device");
    return;
  }
  ::setenv("XDG_STATE_HOME", "/somewhere", 1);
  EXPECT_EQ(*DeviceState::default_folder(), "/somewhere/oneping/device");
  ::unsetenv("XDG_STATE_HOME");
  ::setenv("HOME", "/home/alice", 1);
  EXPECT_EQ(*DeviceState::default_folder(), "/home/alice/.local/state/oneping/device");
}

}  // namespace
}  // namespace oneping
