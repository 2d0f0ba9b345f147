#include "base/packet.h"

#include <algorithm>
#include <cassert>

namespace oneping {

namespace {
constexpr std::size_t kBuffersPerSlab = 64;
}  // namespace

Packet::~Packet() {
  if (buffer_ != nullptr) {
    pool_->free_.push_back(buffer_);  // never allocates: the pool reserved for all its buffers
  }
}

std::size_t Packet::tailroom() const {
  return buffer_ == nullptr ? 0 : pool_->buffer_size() - begin_ - size_;
}

std::uint8_t* Packet::prepend(std::size_t n) {
  assert(n <= headroom());
  begin_ -= static_cast<std::uint32_t>(n);
  size_ += static_cast<std::uint32_t>(n);
  return data();
}

std::uint8_t* Packet::append(std::size_t n) {
  assert(n <= tailroom());
  std::uint8_t* end = data() + size_;
  size_ += static_cast<std::uint32_t>(n);
  return end;
}

void Packet::remove_prefix(std::size_t n) {
  assert(n <= size_);
  begin_ += static_cast<std::uint32_t>(n);
  size_ -= static_cast<std::uint32_t>(n);
}

void Packet::remove_suffix(std::size_t n) {
  assert(n <= size_);
  size_ -= static_cast<std::uint32_t>(n);
}

PacketPool::PacketPool(Options options) : options_(options) {}

std::optional<Packet> PacketPool::allocate(std::size_t size) {
  if (size > options_.max_packet_size) return allocate_large(size);
  if (free_.empty()) grow();
  if (free_.empty()) return std::nullopt;
  std::uint8_t* buffer = free_.back();
  free_.pop_back();
  return Packet(this, buffer, kHeadroom, static_cast<std::uint32_t>(size));
}

std::optional<Packet> PacketPool::allocate_large(std::size_t size) {
  if (size > max_large_size()) return std::nullopt;
  if (!large_) {
    large_ = std::make_unique<PacketPool>(
        Options{.max_packet_size = kMaxLargeSize, .max_packets = options_.max_large_packets});
  }
  return large_->allocate(size);
}

std::optional<Packet> PacketPool::copy(Bytes bytes) {
  auto packet = allocate(bytes.size());
  if (packet && !bytes.empty()) std::memcpy(packet->data(), bytes.data(), bytes.size());
  return packet;
}

void PacketPool::grow() {
  const std::size_t count = std::min(kBuffersPerSlab, options_.max_packets - buffers_);
  if (count == 0) return;
  slabs_.push_back(std::unique_ptr<std::uint8_t[]>(new std::uint8_t[count * buffer_size()]));
  buffers_ += count;
  free_.reserve(std::max(buffers_, free_.capacity()));
  for (std::size_t i = 0; i < count; ++i) free_.push_back(slabs_.back().get() + i * buffer_size());
}

}  // namespace oneping
