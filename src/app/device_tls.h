// How a device proves itself to its edge, and the edge to it.
#pragma once

#include <chrono>
#include <memory>

#include "app/device_state.h"
#include "device/trouble.h"
#include "masque/enrolment_key.h"
#include "quic/tls.h"

namespace oneping {

// For a device that is enrolled.
[[nodiscard]] Result<std::shared_ptr<const quic::TlsContext>> make_device_tls(
    const std::string& key_pem, const device::CertificateChain& certificate);
// For one that is to be.
[[nodiscard]] Result<std::shared_ptr<const quic::TlsContext>> make_enrolment_tls(
    const masque::EnrolmentKey& key);

[[nodiscard]] device::WallTime time_of_day();

}  // namespace oneping
