// Answers that need no connection: Version Negotiation, Retry, refusals and stateless resets
// (RFC 9000, 6, 8.1.2, 5.2.2, 10.3). Each is smaller than the packet that asks for it, so nobody is
// amplified. They wait here for the flush; when the box is full further ones are not made.
#pragma once

#include <array>

#include "base/random.h"
#include "base/time.h"
#include "base/token_bucket.h"
#include "quic/native.h"
#include "quic/packet_runs.h"

namespace oneping::quic {

using StaticSecret = std::array<std::uint8_t, 32>;

class StatelessAnswers {
 public:
  // Both must outlive this.
  StatelessAnswers(const StaticSecret& secret, Random& random) : secret_(secret), random_(random) {}

  void negotiate_version(const Path& path, const ngtcp2_version_cid& asked);
  // Asks the client to prove its address.
  void retry(const Path& path, const ngtcp2_pkt_hd& header, Time now);
  // The destination id that the client used before our Retry, if its token proves one.
  [[nodiscard]] bool verify_retry(const Path& path, const ngtcp2_pkt_hd& header, Time now,
                                  ngtcp2_cid& original_dcid) const;
  void refuse(const Path& path, const ngtcp2_pkt_hd& header, std::uint64_t code);
  // For a packet of `trigger_size` bytes to a connection of ours that we do not know.
  void reset(const Path& path, Bytes dcid, std::size_t trigger_size, Time now);

  void flush(PacketRuns& runs);

 private:
  static constexpr std::size_t kMaxAnswers = 64;
  struct Answer {
    Path path;
    std::size_t size;
    std::array<std::uint8_t, 640> bytes;  // a Version Negotiation with two ids of 255 bytes
  };
  // Lets `fill` write into the next place: it returns a size, or less than one for nothing.
  template <typename Fill>
  void answer(const Path& path, Fill fill);

  const StaticSecret& secret_;
  Random& random_;
  TokenBucket resets_{100, 100};  // a second: RFC 9000, 10.3.3
  std::vector<Answer> answers_;
};

}  // namespace oneping::quic
