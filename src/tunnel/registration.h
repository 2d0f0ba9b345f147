// What a connector says of itself when it registers a connection, and what the edge answers.
// The meaning of schema/tunnel.capnp's structs, without Cap'n Proto.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "tunnel/datagram_format.h"

namespace oneping::tunnel {

// Features of ClientInfo that this project reads or announces.
inline constexpr const char* kFeatureDatagramV2 = "support_datagram_v2";
inline constexpr const char* kFeatureDatagramV3 = "support_datagram_v3_2";
inline constexpr const char* kFeatureRemoteConfig = "allow_remote_config";

// What the names in a registration may have in bytes at most: account tag, feature, version,
// architecture and location.
inline constexpr std::size_t kMaxNameSize = 256;
// More than the usual four connections of a connector; an index is a small number.
inline constexpr std::uint8_t kMaxConnectionIndex = 15;

struct Registration {
  std::string account_tag;
  std::vector<std::uint8_t> tunnel_secret;  // never logged
  Uuid tunnel_id{};
  std::uint8_t connection_index = 0;  // 0..3 for the usual four connections
  Uuid connector_id{};                // ClientInfo.clientId: one per connector process
  std::vector<std::string> features;
  std::string version;
  std::string arch;
  bool replace_existing = false;
  std::uint8_t previous_attempts = 0;

  [[nodiscard]] bool has_feature(const char* name) const;
};

// What a connection with these features speaks; the edge must obey.
[[nodiscard]] DatagramVersion datagram_version(const Registration& registration);

struct RegistrationAccepted {
  Uuid connection_id{};
  std::string location;          // a short name of the edge, for people
  bool remotely_managed = true;  // the edge pushes the configuration
};

struct RegistrationRefused {
  std::string cause;  // for a person; "EDUPCONN" means already connected here
  bool should_retry = false;
  Duration retry_after{};
};

using RegistrationAnswer = std::variant<RegistrationAccepted, RegistrationRefused>;

}  // namespace oneping::tunnel
