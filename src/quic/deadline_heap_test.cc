#include "quic/deadline_heap.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>

namespace oneping::quic {
namespace {

// The heap never looks at its owners: any address will do as a name.
QuicConnection& name(std::size_t i) { return *reinterpret_cast<QuicConnection*>((i + 1) * 64); }

RC_GTEST_PROP(DeadlineHeap, AgreesWithATableOfDeadlines, ()) {
  constexpr std::size_t kCount = 12;
  DeadlineHeap heap;
  std::vector<std::unique_ptr<Deadline>> deadlines;
  for (std::size_t i = 0; i < kCount; ++i) {
    deadlines.push_back(std::make_unique<Deadline>(name(i)));
  }
  std::vector<Time> table(kCount, kNever);
  Time now{};
  const auto steps = *rc::gen::inRange(1, 200);
  for (int step = 0; step < steps; ++step) {
    const auto which = *rc::gen::inRange<std::size_t>(0, kCount);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
      case 1:
        table[which] = now + Duration(*rc::gen::inRange(0, 100));
        heap.set(*deadlines[which], table[which]);
        break;
      case 2:
        table[which] = kNever;
        heap.remove(*deadlines[which]);
        break;
      case 3: {
        now += Duration(*rc::gen::inRange(0, 60));
        std::vector<const void*> expected, found;
        for (std::size_t i = 0; i < kCount; ++i) {
          if (table[i] > now) continue;
          expected.push_back(&name(i));
          table[i] = kNever;
        }
        while (QuicConnection* due = heap.pop_due(now)) found.push_back(due);
        std::ranges::sort(expected);
        std::ranges::sort(found);
        RC_ASSERT((found == expected));
        break;
      }
    }
    // Waking early is allowed, late is not.
    RC_ASSERT(heap.next() <= *std::ranges::min_element(table));
  }
}

}  // namespace
}  // namespace oneping::quic
