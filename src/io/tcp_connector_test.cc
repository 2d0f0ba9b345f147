#include "io/tcp_connector.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <optional>

#include "io/socket_address.h"

namespace oneping {
namespace {

// Listens on a port of the system's choice.
class Listener {
 public:
  explicit Listener(const IpAddress& address)
      : socket_(::socket(system_family(address.family()), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage storage{};
    socklen_t size = to_sockaddr({address, 0}, storage);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
    EXPECT_EQ(::listen(socket_.get(), 256), 0);
    size = sizeof storage;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&storage), &size);
    at = from_sockaddr(storage);
  }
  void close() { socket_ = Fd(); }
  SocketAddress at;

 private:
  Fd socket_;
};

class TcpConnectorTest : public ::testing::TestWithParam<const char*> {
 protected:
  void run_until(const std::function<bool()>& done) {
    for (int i = 0; i < 500 && !done(); ++i) {
      pollfd ready{.fd = connector.fd(), .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, 10) > 0) connector.on_readable();
    }
    EXPECT_TRUE(done());
  }
  std::string connect(const SocketAddress& to) {
    std::optional<std::string> result;
    bool is_inside = true;
    connector.connect(to, [&](const std::string& error) {
      EXPECT_FALSE(is_inside);
      result = error;
    });
    is_inside = false;
    run_until([&] { return result.has_value(); });
    return result.value_or("never told");
  }

  TcpConnector connector;
  const IpAddress here = IpAddress::parse(GetParam()).value();
};

INSTANTIATE_TEST_SUITE_P(Both, TcpConnectorTest, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& p) { return p.param[0] == '1' ? "v4" : "v6"; });

TEST_P(TcpConnectorTest, SaysWhoListensAndWhoDoesNot) {
  Listener listener(here);
  EXPECT_EQ(connect(listener.at), "");
  listener.close();
  EXPECT_EQ(connect(listener.at), "Connection refused");
  EXPECT_EQ(connector.size(), 0u);
}

TEST_P(TcpConnectorTest, WhatTheSystemWillNotDoIsToldLaterToo) {
  const bool v4 = here.is_v4();
  const auto nowhere = IpAddress::parse(v4 ? "255.255.255.255" : "ff02::1").value();
  EXPECT_NE(connect({nowhere, 443}), "");
}

TEST_P(TcpConnectorTest, ABoundedNumberIsUnderWay) {
  Listener listener(here);
  std::size_t made = 0;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < TcpConnector::kMaxAtOnce + 5; ++i) {
    connector.connect(listener.at,
                      [&](const std::string& error) { ++(error.empty() ? made : refused); });
  }
  EXPECT_EQ(connector.size(), TcpConnector::kMaxAtOnce);
  run_until([&] { return made + refused == TcpConnector::kMaxAtOnce + 5; });
  EXPECT_EQ(refused, 5u);
}

}  // namespace
}  // namespace oneping
