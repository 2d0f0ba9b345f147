// How mtr writes who answered.
#pragma once

#include <string>

#include "probe/mtr_path.h"
#include "probe/names.h"

namespace oneping::probe {

enum class MtrHostStyle : std::uint8_t { name, name_and_address };

// The address while its name is not known; "???" for nobody.
[[nodiscard]] std::string mtr_host(const std::optional<IpAddress>& address, NameBook& names,
                                   MtrHostStyle style);

[[nodiscard]] MtrHostStyle mtr_host_style(const MtrOptions& options);

// Of everybody else who answered at this hop.
[[nodiscard]] std::vector<IpAddress> other_addresses(const MtrHop& hop);

}  // namespace oneping::probe
