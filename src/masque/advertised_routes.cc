#include "masque/advertised_routes.h"

#include "masque/ip_capsules.h"

namespace oneping::masque {

AdvertisedRoutes::AdvertisedRoutes(std::span<const Prefix> prefixes) {
  std::vector<std::uint8_t> capsule;
  append_route_advertisement(capsule, ranges_of(prefixes));
  capsule_ = std::make_shared<const std::vector<std::uint8_t>>(std::move(capsule));
}

}  // namespace oneping::masque
