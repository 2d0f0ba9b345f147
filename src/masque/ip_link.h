// A CONNECT-IP session as a link: IP packets go out as HTTP datagrams of context 0 (RFC 9484, 6).
//
// A session that carries IPv6 promises 1280 bytes, which its path has proved before it opens. After
// a change of network the path must prove them anew; what does not fit meanwhile is lost quietly
// (link_down), for a host that is told of a smaller MTU remembers it for minutes.
#pragma once

#include "forward/link.h"
#include "masque/http3.h"

namespace oneping::masque {

inline constexpr std::size_t kIpv6MinMtu = 1280;  // RFC 8200, 5

class IpLink final : public Link {
 public:
  // `http` must outlive it, or close() be called before.
  void open(Http3& http, StreamId stream) {
    http_ = &http;
    stream_ = stream;
  }
  void close() { http_ = nullptr; }
  // Packets of that size fit, or will soon.
  void promise(std::size_t size) { promised_ = size; }

  [[nodiscard]] bool is_open() const { return http_ != nullptr; }
  // Refusals: too_big, link_down.
  [[nodiscard]] std::optional<DropReason> send(Packet& packet, Time now) override;
  [[nodiscard]] std::size_t max_packet_size() const override;

 private:
  Http3* http_ = nullptr;
  StreamId stream_ = -1;
  std::size_t promised_ = 0;
};

// What the path carries on that stream now, without a promise.
[[nodiscard]] std::size_t max_packet_on_path(const Http3& http, StreamId stream);

}  // namespace oneping::masque
