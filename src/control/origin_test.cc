#include "control/origin.h"

#include <gtest/gtest.h>

namespace oneping::control {
namespace {

TEST(Origin, OnlyTheServersOwnPageIsItsOwn) {
  struct Case {
    const char* origin;
    const char* host;
    bool is_own;
  };
  for (const Case& c : {
           Case{"http://127.0.0.1:9780", "127.0.0.1:9780", true},
           Case{"http://[::1]:9780", "[::1]:9780", true},
           Case{"http://edge.example.net", "edge.example.net", true},
           Case{"https://edge.example.net", "edge.example.net", true},
           Case{"http://Edge.Example.net:80", "edge.example.NET:80", true},
           Case{"http://localhost:9780", "127.0.0.1:9780", false},
           Case{"http://127.0.0.1:9781", "127.0.0.1:9780", false},
           Case{"http://127.0.0.1", "127.0.0.1:9780", false},
           Case{"http://127.0.0.1:9780/", "127.0.0.1:9780", false},
           Case{"http://evil.example", "127.0.0.1:9780", false},
           Case{"http://127.0.0.1:9780.evil.example", "127.0.0.1:9780", false},
           Case{"http://evil.example#127.0.0.1:9780", "127.0.0.1:9780", false},
           Case{"null", "127.0.0.1:9780", false},
           Case{"null", "null", false},
           Case{"file://", "", false},
           Case{"http://", "", false},
           Case{"", "", false},
           Case{"", "127.0.0.1:9780", false},
           Case{"HTTP://127.0.0.1:9780", "127.0.0.1:9780", false},
           Case{"ftp://127.0.0.1:9780", "127.0.0.1:9780", false},
       }) {
    EXPECT_EQ(is_own_origin(c.origin, c.host), c.is_own) << c.origin << " at " << c.host;
  }
}

}  // namespace
}  // namespace oneping::control
