// An echo proxy between clients and a network that are the test's to play.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "proxy/echo_proxy.h"

namespace oneping::testing_support {

inline IpAddress address(const char* text) { return *IpAddress::parse(text); }

inline std::vector<std::uint8_t> payload_of(std::string_view text) {
  return {text.begin(), text.end()};
}

// A network with memory: keeps what was sent, answers when the test says so.
class FakeNetwork final : public EchoBackend {
 public:
  struct Sent {
    EchoSlot slot;
    IpAddress destination;
    std::optional<std::uint8_t> hop_limit;
    std::uint8_t traffic_class;
    std::vector<std::uint8_t> payload;
  };

  std::uint16_t channels(EchoChannelKind kind) const override {
    return channel_counts[static_cast<std::size_t>(kind)];
  }
  std::optional<DropReason> send(const EchoSlot& slot, const EchoRequest& request, Time) override {
    if (refuse_with) return refuse_with;
    sent.push_back({slot,
                    request.destination,
                    request.hop_limit,
                    request.traffic_class,
                    {request.payload.begin(), request.payload.end()}});
    return std::nullopt;
  }
  void flush(EchoReplies&, Time) override {}
  std::optional<IpAddress> source_for(const IpAddress&) const override { return std::nullopt; }
  bool is_own_address(const IpAddress& a) const override { return own.contains(a); }
  bool is_broadcast(const IpAddress& a) const override { return broadcasts.contains(a); }

  std::array<std::uint16_t, kEchoChannelKinds> channel_counts{1, 1, 1, 1};
  std::optional<DropReason> refuse_with;
  std::set<IpAddress> own;
  std::set<IpAddress> broadcasts;
  std::vector<Sent> sent;
};

struct Echo {
  IpAddress client;
  IpAddress destination;
  EchoIdentity identity{.id = 0x1234, .sequence = 7};
  std::string_view payload = "abcdefgh";
  bool dont_fragment = true;
  std::uint8_t hop_limit = 61;
  std::uint8_t traffic_class = 0xb8;
  std::uint32_t label = 0xbeef;
  std::uint8_t tag = 42;
};

inline const Echo kEchoV4{.client = address("100.96.0.2"), .destination = address("172.16.10.120")};
inline const Echo kEchoV6{.client = address("fd00:96::2"), .destination = address("fd00:10::120")};

class World : public EchoProxyEvents {
 public:
  explicit World(EchoProxy::Options options = {}, FakeNetwork fake = {},
                 PacketPool::Options pool_options = {})
      : network(std::move(fake)),
        pool(pool_options),
        proxy(std::move(options), network, pool, *this, random_) {}

  struct Delivered {
    Packet packet;
    std::uint8_t tag;
  };
  struct Undeliverable {
    std::vector<std::uint8_t> request;
    DropReason reason;
    std::size_t mtu;
    std::uint8_t tag;
  };

  std::optional<DropReason> request(const Echo& echo, EchoType type = EchoType::request) {
    auto packet = make_echo(pool, type,
                            {.source = echo.client,
                             .destination = echo.destination,
                             .hop_limit = echo.hop_limit,
                             .traffic_class = echo.traffic_class,
                             .dont_fragment = echo.dont_fragment,
                             .label = echo.label},
                            echo.identity, payload_of(echo.payload));
    requested.assign(packet->data(), packet->data() + packet->size());
    const auto ip = IpView::parse(packet->bytes());
    return proxy.request(*ip, *IcmpView::parse(*ip), echo.tag, now);
  }

  // The network's answer to a sent request, as it should be unless something is changed.
  void reply_to(const FakeNetwork::Sent& sent) { reply(sent.slot, sent.destination, sent.payload); }
  void reply(const EchoSlot& slot, const IpAddress& source, Bytes payload) {
    proxy.on_echo_reply(
        slot, {.source = source, .hop_limit = 57, .traffic_class = 0x20, .payload = payload}, now);
  }

  void on_answer(Packet packet, std::uint8_t tag, Time) override {
    const auto ip = IpView::parse(packet.bytes());
    const bool is_error = IcmpView::parse(*ip)->kind == IcmpKind::error;
    (is_error ? errors : replies).push_back({std::move(packet), tag});
  }
  bool on_undeliverable(const IpView& request, DropReason reason, std::size_t mtu, std::uint8_t tag,
                        Time) override {
    undeliverable.push_back({{request.bytes().begin(), request.bytes().end()}, reason, mtu, tag});
    return tells_failures;
  }

  // Counters add up, and agree with what was seen.
  ~World() override {
    const auto& in = proxy.request_counters();
    EXPECT_EQ(in.in(), in.forwarded() + in.dropped());
    EXPECT_EQ(in.forwarded(), network.sent.size());
    const auto& back = proxy.reply_counters();
    EXPECT_EQ(back.in(), back.forwarded() + back.dropped());
    EXPECT_EQ(back.forwarded(), replies.size());
    const auto& told = proxy.error_counters();
    EXPECT_EQ(told.in(), told.forwarded() + told.dropped());
    EXPECT_EQ(told.forwarded(), errors.size());
  }

  FakeNetwork network;
  PacketPool pool;
  std::vector<std::uint8_t> requested;  // the last request, as it came in
  std::vector<Delivered> replies;
  std::vector<Delivered> errors;
  std::vector<Undeliverable> undeliverable;
  bool tells_failures = true;
  Time now{};

 private:
  SeededRandom random_{1};

 public:
  EchoProxy proxy;
};

}  // namespace oneping::testing_support
