#include "probe/mtr_names.h"

#include <algorithm>
#include <iterator>

#include "probe/named_text.h"

namespace oneping::probe {

std::string mtr_host(const std::optional<IpAddress>& address, NameBook& names, MtrHostStyle style) {
  if (!address) return "???";
  const auto name = names.find(*address).value_or("");
  if (name.empty() || style == MtrHostStyle::name_and_address) return with_name(name, *address);
  return std::string(name);
}

MtrHostStyle mtr_host_style(const MtrOptions& options) {
  return options.show_addresses ? MtrHostStyle::name_and_address : MtrHostStyle::name;
}

std::vector<IpAddress> other_addresses(const MtrHop& hop) {
  std::vector<IpAddress> others;
  std::ranges::copy_if(hop.addresses, std::back_inserter(others),
                       [&](const IpAddress& address) { return address != hop.address; });
  return others;
}

}  // namespace oneping::probe
