// What tests of echo backends share: an origin and a router on loopback, and what comes back.
#pragma once

#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

#include "io/fd.h"
#include "io/socket_address.h"
#include "proxy/echo_backend.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip.h"

namespace oneping::testing_support {

inline constexpr int kPatience = 5000;  // ms, for what the kernel does at once
inline const IpAddress kOriginV4 = *IpAddress::parse("127.0.0.2");
inline const IpAddress kOriginV6 = *IpAddress::parse("::1");

inline IpAddress origin(EchoChannelKind kind) {
  return family_of(kind) == IpFamily::v4 ? kOriginV4 : kOriginV6;
}

// Bytes that depend on their number and place.
inline std::vector<std::uint8_t> payload_number(std::uint32_t number, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * (i % 4)) ^ i / 4);
  }
  return bytes;
}

struct Inbox : EchoReplies {
  struct Reply {
    EchoSlot slot;
    IpAddress source;
    std::uint8_t hop_limit;
    std::uint8_t traffic_class;
    std::vector<std::uint8_t> payload;
  };
  void on_echo_reply(const EchoSlot& slot, const EchoReply& reply, Time) override {
    replies.push_back({slot,
                       reply.source,
                       reply.hop_limit,
                       reply.traffic_class,
                       {reply.payload.begin(), reply.payload.end()}});
  }
  struct Error {
    EchoSlot slot;
    EchoError error;  // without its views
    std::vector<std::uint8_t> payload;
    std::vector<std::uint8_t> extensions;
  };
  void on_echo_error(const EchoSlot& slot, const EchoError& error, Time) override {
    errors.push_back({slot,
                      error,
                      {error.payload.begin(), error.payload.end()},
                      {error.extensions.begin(), error.extensions.end()}});
  }
  struct Failure {
    EchoSlot slot;
    EchoFailure failure;
    std::vector<std::uint8_t> payload;
  };
  bool on_echo_failure(const EchoSlot& slot, const EchoFailure& failure, Time) override {
    failures.push_back({slot, failure, {failure.payload.begin(), failure.payload.end()}});
    return tells_failures;
  }
  std::vector<Reply> replies;
  std::vector<Error> errors;
  std::vector<Failure> failures;
  bool tells_failures = false;
};

// What passes on loopback, as a packet socket sees it.
class Wire {
 public:
  Wire() : fd_(::socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL))) {}

  std::optional<std::vector<std::uint8_t>> next_echo_request() {
    pollfd readable{fd_.get(), POLLIN, 0};
    while (poll(&readable, 1, kPatience) > 0) {
      std::vector<std::uint8_t> bytes(4096);
      const auto size = recv(fd_.get(), bytes.data(), bytes.size(), 0);
      if (size < 0) return std::nullopt;
      bytes.resize(static_cast<std::size_t>(size));
      const auto ip = IpView::parse(bytes);
      if (!ip || !ip->is_icmp()) continue;
      const auto icmp = IcmpView::parse(*ip);
      if (icmp && icmp->kind == IcmpKind::echo_request) return bytes;
    }
    return std::nullopt;
  }

 private:
  Fd fd_;
};

// Errors about our requests, from a router that the test plays with a raw socket.
class Router {
 public:
  explicit Router(IpFamily family)
      : v4_(family == IpFamily::v4),
        fd_(::socket(system_family(family), SOCK_RAW, v4_ ? kProtocolIcmp : kProtocolIcmpv6)) {
    // On loopback any address of 127/8 is there; of IPv6 only ::1.
    if (!v4_) return;
    sockaddr_storage own{};
    const socklen_t size = to_sockaddr({address(), 0}, own);
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&own), size), 0);
  }

  [[nodiscard]] IpAddress address() const { return *IpAddress::parse(v4_ ? "127.0.0.9" : "::1"); }

  // `rest` is bytes 4 to 8 of the header; `quote` is what is quoted, and what lies behind it.
  void send(std::uint8_t type, std::uint8_t code, std::uint32_t rest,
            const std::vector<std::uint8_t>& quote) const {
    std::vector<std::uint8_t> icmp(kIcmpHeaderSize);
    icmp[0] = type;
    icmp[1] = code;
    store_be32(&icmp[4], rest);
    icmp.insert(icmp.end(), quote.begin(), quote.end());
    if (v4_) store_be16(&icmp[2], checksum(icmp));  // for ICMPv6 the kernel does
    sockaddr_storage to{};
    const socklen_t size = to_sockaddr({*IpAddress::parse(v4_ ? "127.0.0.1" : "::1"), 0}, to);
    EXPECT_EQ(
        sendto(fd_.get(), icmp.data(), icmp.size(), 0, reinterpret_cast<sockaddr*>(&to), size),
        static_cast<ssize_t>(icmp.size()));
  }

 private:
  bool v4_;
  Fd fd_;
};

inline std::string name_of(EchoChannelKind kind) {
  switch (kind) {
    case EchoChannelKind::v4_dont_fragment: return "v4_dont_fragment";
    case EchoChannelKind::v4_may_fragment: return "v4_may_fragment";
    case EchoChannelKind::v6_dont_fragment: return "v6_dont_fragment";
    case EchoChannelKind::v6_may_fragment: return "v6_may_fragment";
  }
  return "";
}

}  // namespace oneping::testing_support
