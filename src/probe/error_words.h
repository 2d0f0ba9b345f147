// ICMP errors in the words of the tools that people know.
#pragma once

#include <string>

#include "probe/answer.h"

namespace oneping::probe {

// As iputils ping says it: "Time to live exceeded", "Packet too big: mtu=1400".
[[nodiscard]] std::string ping_words(const Answer& error);

// As traceroute marks it: "!H", "!F-1400", "!<9>". Empty for an exceeded hop limit, and for a port
// unreachable, by which the destination itself answers.
[[nodiscard]] std::string trace_mark(const Answer& error);

}  // namespace oneping::probe
