// The certificate that an edge gives to a device, and what must be true of it.
#pragma once

#include <string>

#include "base/result.h"
#include "quic/device_certificate.h"

namespace oneping::device {

struct CertificateChain {
  std::string leaf;       // PEM
  std::string authority;  // PEM
  quic::Validity validity;
};

// From what the edge sent: the leaf is for the key with the pin `ours`, and the authority that the
// device trusts is behind it.
[[nodiscard]] Result<CertificateChain> read_chain(const std::string& pem, const quic::KeyPin& ours,
                                                  const quic::KeyPin& authority);

}  // namespace oneping::device
