// Memory for one waiting operation of Asio, so that waiting again does not allocate. A second
// operation at the same time, or a larger one, comes from the heap.
#pragma once

#include <cstddef>
#include <new>

namespace oneping {

class OperationMemory {
 public:
  OperationMemory() = default;
  OperationMemory(const OperationMemory&) = delete;
  OperationMemory& operator=(const OperationMemory&) = delete;

  void* allocate(std::size_t size) {
    if (in_use_ || size > sizeof storage_) return ::operator new(size);
    in_use_ = true;
    return storage_;
  }
  void deallocate(void* memory) {
    if (memory == storage_) {
      in_use_ = false;
    } else {
      ::operator delete(memory);
    }
  }

 private:
  alignas(std::max_align_t) std::byte storage_[256];
  bool in_use_ = false;
};

// The standard's allocator over an OperationMemory, which must outlive the operation.
template <typename T>
class OperationAllocator {
 public:
  using value_type = T;
  explicit OperationAllocator(OperationMemory& memory) : memory_(&memory) {}
  template <typename U>
  OperationAllocator(const OperationAllocator<U>& other) : memory_(other.memory_) {}

  T* allocate(std::size_t n) { return static_cast<T*>(memory_->allocate(n * sizeof(T))); }
  void deallocate(T* memory, std::size_t) { memory_->deallocate(memory); }
  friend bool operator==(const OperationAllocator& a, const OperationAllocator& b) {
    return a.memory_ == b.memory_;
  }

 private:
  template <typename U>
  friend class OperationAllocator;
  OperationMemory* memory_;
};

// A completion handler whose operation lives in `memory`.
template <typename Callback>
struct WithMemory {
  using allocator_type = OperationAllocator<std::byte>;
  [[nodiscard]] allocator_type get_allocator() const { return allocator_type(*memory); }
  template <typename... Args>
  void operator()(Args&&... args) const {
    callback(static_cast<Args&&>(args)...);
  }
  OperationMemory* memory;
  Callback callback;
};
template <typename Callback>
WithMemory(OperationMemory*, Callback) -> WithMemory<Callback>;

}  // namespace oneping
