#include "tunnel/registration.h"

#include <algorithm>

namespace oneping::tunnel {

std::string to_string(const Uuid& uuid) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[uuid[i] >> 4];
    text += kDigits[uuid[i] & 0x0f];
  }
  return text;
}

bool Registration::has_feature(const char* name) const {
  return std::find(features.begin(), features.end(), name) != features.end();
}

DatagramVersion datagram_version(const Registration& registration) {
  return registration.has_feature(kFeatureDatagramV3) ? DatagramVersion::v3 : DatagramVersion::v2;
}

}  // namespace oneping::tunnel
