#include "test/support/allocations.h"

#include <cstdlib>
#include <new>

namespace oneping::test {
const bool* count_allocations_while = nullptr;
std::size_t allocations = 0;
}  // namespace oneping::test

// Not inlined, or the compiler takes malloc and delete for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  using namespace oneping::test;
  if (count_allocations_while != nullptr && *count_allocations_while) ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
