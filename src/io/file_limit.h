// How many descriptors this process may have open: a UDP mapping takes one.
#pragma once

#include <cstddef>

namespace oneping {

// Raises the soft limit to the hard one, which needs no privilege. What the limit is then.
std::size_t raise_file_limit();

}  // namespace oneping
