// What the program allocates, counted by an operator new of its own: for tests of what must not.
// A test that includes this has allocations.cc among its sources.
#pragma once

#include <cstddef>

namespace oneping::test {

// Allocations made while the bool it points to is true; none are counted while it is null.
extern const bool* count_allocations_while;
extern std::size_t allocations;

}  // namespace oneping::test
