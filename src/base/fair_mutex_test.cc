#include "base/fair_mutex.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace oneping {
namespace {

// With std::shared_mutex of glibc this does not end.
TEST(FairSharedMutex, ReadersThatKeepComingLetAWriterIn) {
  FairSharedMutex mutex;
  std::atomic<bool> written = false;
  std::atomic<int> inside = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!written) {
        const std::shared_lock lock(mutex);
        ++inside;
        // Always handing over to another reader, so that there is always one.
        for (int turns = 0; turns < 1000 && inside < 2 && !written; ++turns) {
          std::this_thread::yield();
        }
        --inside;
      }
    });
  }
  {
    const std::unique_lock lock(mutex);
    EXPECT_EQ(inside, 0);
    written = true;
  }
  for (auto& reader : readers) reader.join();
}

}  // namespace
}  // namespace oneping
