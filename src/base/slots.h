// Values at stable places. A value is named by its place and by how often that place was used
// before: a name that is safe to keep and to ask for when the value has gone, although its place
// serves another one by then.
//
// Places are used again, so there are never more than values were alive at once. References to a
// value are good until it is removed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace oneping {

// The name of a T. One that was made without arguments names nothing.
template <typename T>
struct SlotRef {
  std::uint32_t place = ~std::uint32_t{0};
  std::uint32_t generation = 0;
  friend bool operator==(const SlotRef&, const SlotRef&) = default;
};

template <typename T>
class Slots {
 public:
  using Ref = SlotRef<T>;

  Ref add(T value);
  // One that has gone already is no matter.
  void remove(Ref ref);

  // Null when it has gone.
  [[nodiscard]] T* find(Ref ref) { return contains(ref) ? &*slots_[ref.place].value : nullptr; }
  [[nodiscard]] const T* find(Ref ref) const {
    return contains(ref) ? &*slots_[ref.place].value : nullptr;
  }
  [[nodiscard]] bool contains(Ref ref) const {
    return ref.place < slots_.size() && slots_[ref.place].generation == ref.generation &&
           slots_[ref.place].value.has_value();
  }
  [[nodiscard]] std::size_t size() const { return slots_.size() - free_.size(); }

  // Calls visit(ref, value) for each. It may remove the one that it is called for.
  template <typename Visit>
  void for_each(Visit visit) {
    for (std::uint32_t place = 0; place < slots_.size(); ++place) {
      Slot& slot = slots_[place];
      if (slot.value) visit(Ref{place, slot.generation}, *slot.value);
    }
  }
  template <typename Visit>
  void for_each(Visit visit) const {
    for (std::uint32_t place = 0; place < slots_.size(); ++place) {
      const Slot& slot = slots_[place];
      if (slot.value) visit(Ref{place, slot.generation}, *slot.value);
    }
  }

 private:
  struct Slot {
    std::optional<T> value;
    std::uint32_t generation = 0;
  };
  std::deque<Slot> slots_;  // does not move what is in it when it grows
  std::vector<std::uint32_t> free_;
};

template <typename T>
SlotRef<T> Slots<T>::add(T value) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  Slot& slot = slots_[place];
  slot.value.emplace(std::move(value));
  return {place, slot.generation};
}

template <typename T>
void Slots<T>::remove(Ref ref) {
  if (!contains(ref)) return;
  Slot& slot = slots_[ref.place];
  slot.value.reset();
  ++slot.generation;
  free_.push_back(ref.place);
}

}  // namespace oneping
