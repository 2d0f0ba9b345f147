// Enrols this host as a device: makes its key, asks the edge, keeps what comes back.
#pragma once

#include <string>

#include "app/device_state.h"
#include "base/result.h"

namespace oneping {

struct EnrolOptions {
  std::string state;  // folder
  HostPort edge;
  std::string key_file;  // the enrolment key
  std::string name;      // empty: this host's
  bool replace = false;  // an identity that is there
};

[[nodiscard]] Result<StoredDevice> enrol_device(const EnrolOptions& options);

}  // namespace oneping
