#include "proxy/sent_probes.h"

#include <algorithm>

namespace oneping {

void SentProbes::add(const SocketAddress& client, const SocketAddress& remote, const UdpSent& sent,
                     Bytes payload) {
  if (sent.hop_limit > kMaxHopLimit || payload.empty()) return;
  if (ring_.size() < kCapacity) ring_.emplace_back();
  Probe& probe = ring_[next_];
  probe = {.client = client, .remote = remote, .sent = sent};
  std::ranges::copy(payload.first(std::min(payload.size(), probe.beginning.size())),
                    probe.beginning.begin());
  next_ = (next_ + 1) % kCapacity;
}

SentProbes::Probe* SentProbes::find(const SocketAddress& client, const SocketAddress& remote,
                                    Bytes quoted) {
  if (quoted.empty()) return nullptr;
  for (std::size_t i = 1; i <= ring_.size(); ++i) {
    Probe& probe = ring_[(next_ + ring_.size() - i) % ring_.size()];
    if (probe.sent.payload_size < quoted.size()) continue;
    const Bytes known = quoted.first(std::min(quoted.size(), probe.beginning.size()));
    const bool begins_so = std::ranges::equal(known, Bytes(probe.beginning).first(known.size()));
    if (begins_so && probe.client == client && probe.remote == remote) return &probe;
  }
  return nullptr;
}

}  // namespace oneping
