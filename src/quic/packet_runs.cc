#include "quic/packet_runs.h"

namespace oneping::quic {

void PacketRuns::commit(const Path& path, std::size_t size) {
  ++packets_;
  const std::size_t packet = end_;
  if (run_packets_ > 0 &&
      (path != path_ || size > segment_size_ || end_ - begin_ + size > kMaxRunBytes)) {
    send_run();
    begin_ = packet;
  }
  if (run_packets_ == 0) {
    path_ = path;
    segment_size_ = size;
  }
  end_ = packet + size;
  ++run_packets_;
  // A shorter packet ends its run.
  if (size < segment_size_ || run_packets_ == kMaxRunPackets) send_run();
  if (end_ + kMaxQuicPacket > arena_.size()) finish();
}

void PacketRuns::finish() {
  send_run();
  begin_ = end_ = 0;
}

void PacketRuns::send_run() {
  if (run_packets_ == 0) return;
  out_->send(path_, Bytes(arena_).subspan(begin_, end_ - begin_), segment_size_);
  begin_ = end_;
  run_packets_ = 0;
}

}  // namespace oneping::quic
