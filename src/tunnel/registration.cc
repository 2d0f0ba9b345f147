#include "tunnel/registration.h"

#include <algorithm>

namespace oneping::tunnel {

bool Registration::has_feature(const char* name) const {
  return std::find(features.begin(), features.end(), name) != features.end();
}

DatagramVersion datagram_version(const Registration& registration) {
  return registration.has_feature(kFeatureDatagramV3) ? DatagramVersion::v3 : DatagramVersion::v2;
}

}  // namespace oneping::tunnel
