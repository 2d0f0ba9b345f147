// Lays the packets of a flush end to end and hands them to the sender in runs: same path, equal
// sizes but for a shorter last one, which is what one GSO system call takes. The arena is allocated
// once.
#pragma once

#include <vector>

#include "quic/path.h"

namespace oneping::quic {

// Largest UDP payload that we send (a common peer's buffer holds no more) and what a write needs.
inline constexpr std::size_t kMaxQuicPacket = 1452;

class PacketRuns {
 public:
  // Starts a flush towards `out`, which must stay until finish().
  void start(UdpSender& out) { out_ = &out; }
  // Room for the next packet: kMaxQuicPacket bytes.
  [[nodiscard]] MutableBytes space() { return {arena_.data() + end_, kMaxQuicPacket}; }
  // The packet in space() has `size` bytes and goes along `path`.
  void commit(const Path& path, std::size_t size);
  void finish();

  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  static constexpr std::size_t kMaxRunBytes = 65000;
  static constexpr std::size_t kMaxRunPackets = 64;
  void send_run();

  std::vector<std::uint8_t> arena_ = std::vector<std::uint8_t>(2 * kMaxRunBytes);
  UdpSender* out_ = nullptr;
  std::size_t begin_ = 0;  // the run is arena_[begin_, end_)
  std::size_t end_ = 0;
  std::size_t segment_size_ = 0;
  std::size_t run_packets_ = 0;
  Path path_;
  std::uint64_t packets_ = 0;
};

}  // namespace oneping::quic
