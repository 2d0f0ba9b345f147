// A device's state folder: who it is and whom it trusts, in the folder `identity` in it:
//   device.json      edge, name, number, addresses
//   key.pem          the private key, which never leaves this host
//   certificate.pem  the edge's word for the key; renewed by itself
//   authority.pem    whose word counts
// An identity is written whole: a crash leaves the old one or the new one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/certificate_chain.h"
#include "io/resolve.h"
#include "wire/ip_address.h"

namespace oneping {

struct StoredDevice {
  HostPort edge;
  std::string name;
  std::int64_t id = 0;
  std::vector<Prefix> addresses;  // as they were when it was enrolled
  std::string key_pem;
  device::CertificateChain certificate;
};

class DeviceState {
 public:
  explicit DeviceState(std::string folder) : folder_(std::move(folder)) {}
  // Root's, or that of the user who runs this.
  [[nodiscard]] static Result<std::string> default_folder();

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] bool is_enrolled() const;
  [[nodiscard]] Result<StoredDevice> load() const;
  [[nodiscard]] Result<void> save(const StoredDevice& device) const;
  // A newer one for the key that there is. An error if there is another key meanwhile.
  [[nodiscard]] Result<void> save_certificate(const device::CertificateChain& certificate) const;

  // Where a device that is up listens, and where it logs in the background.
  [[nodiscard]] std::string socket() const { return folder_ + "/up.sock"; }
  [[nodiscard]] std::string log_file() const { return folder_ + "/up.log"; }

 private:
  [[nodiscard]] std::string identity() const { return folder_ + "/identity"; }
  [[nodiscard]] std::string newer() const { return folder_ + "/identity.new"; }
  [[nodiscard]] std::string older() const { return folder_ + "/identity.old"; }
  // Ends what a crash left half done.
  void recover() const;

  std::string folder_;
};

}  // namespace oneping
