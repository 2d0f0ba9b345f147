// One datagram ICMP socket of Darwin, for all requests of a family, or what stands in for it on
// Linux (darwin_system.h).
//
// It gives every ICMP message that comes to this host. IPv4 has no hop limit for a single message:
// the socket's own is changed before each request that needs another, and so is whether packets
// may be sent in pieces.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <tl/expected.hpp>

#include "base/drop_reason.h"
#include "io/fd.h"
#include "proxy/darwin_message.h"
#include "proxy/echo_backend.h"

namespace oneping {

class DarwinSocket {
 public:
  // Fails with errno.
  [[nodiscard]] static tl::expected<DarwinSocket, int> open(IpFamily family);
  DarwinSocket(DarwinSocket&& other) noexcept;
  ~DarwinSocket();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] IpFamily family() const { return family_; }

  // Sends it at once. Why not, if it was not sent. The payload must be within max_echo_payload().
  [[nodiscard]] std::optional<DropReason> send(EchoChannelKind kind, EchoIdentity identity,
                                               const EchoRequest& request);

  // The next message that has come in; nothing if none is left. Fails when it is not whole, or is
  // none that Darwin would give. Its bytes are valid until the next call.
  [[nodiscard]] std::optional<tl::expected<DarwinMessage, DropReason>> receive();

 private:
  struct Buffers;
  DarwinSocket(Fd fd, IpFamily family);

  [[nodiscard]] bool configure();
  // What the socket's own options say of the next packet.
  [[nodiscard]] bool prepare(EchoChannelKind kind, const EchoRequest& request);

  Fd fd_;
  IpFamily family_;
  int default_hop_limit_ = 0;  // IPv4's
  std::optional<EchoChannelKind> kind_;
  std::optional<int> hop_limit_;
  std::optional<int> traffic_class_;
  std::uint64_t received_ = 0;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace oneping
