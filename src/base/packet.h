// A packet is bytes in a buffer of a pool, with room in front and behind so that a layer can put
// its header or trailer on without copying. It is moved, never copied, and gives its buffer back.
//
// A pool belongs to one thread and must outlive its packets. It grows up to its bound and keeps
// what it has: after warm-up no packet allocates. At the bound allocate() gives nothing, and the
// caller drops with DropReason::no_buffer.
//
// Nearly all packets are no larger than a link's MTU, and a buffer holds that. The few larger ones
// (whole until the next link takes them in pieces) have a small pool of their own inside, whose
// memory is taken when the first of them comes.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace oneping {

class PacketPool;

class Packet {
 public:
  Packet() = default;
  Packet(Packet&& other) noexcept { swap(other); }
  Packet& operator=(Packet&& other) noexcept {
    Packet taken(std::move(other));
    swap(taken);
    return *this;
  }
  Packet(const Packet&) = delete;
  Packet& operator=(const Packet&) = delete;
  ~Packet();

  // False for a default-made or moved-from packet.
  [[nodiscard]] explicit operator bool() const { return buffer_ != nullptr; }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::uint8_t* data() { return buffer_ + begin_; }
  [[nodiscard]] const std::uint8_t* data() const { return buffer_ + begin_; }
  [[nodiscard]] Bytes bytes() const { return {data(), size_}; }
  [[nodiscard]] MutableBytes bytes() { return {data(), size_}; }

  [[nodiscard]] std::size_t headroom() const { return begin_; }
  [[nodiscard]] std::size_t tailroom() const;

  // Grows at the front or at the back by n bytes, which the caller then fills, and returns them.
  // n must be within headroom() or tailroom().
  std::uint8_t* prepend(std::size_t n);
  std::uint8_t* append(std::size_t n);

  // Cuts off n bytes; n must be within size().
  void remove_prefix(std::size_t n);
  void remove_suffix(std::size_t n);

 private:
  friend class PacketPool;
  Packet(PacketPool* pool, std::uint8_t* buffer, std::uint32_t begin, std::uint32_t size)
      : pool_(pool), buffer_(buffer), begin_(begin), size_(size) {}
  void swap(Packet& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(buffer_, other.buffer_);
    std::swap(begin_, other.begin_);
    std::swap(size_, other.size_);
  }

  PacketPool* pool_ = nullptr;
  std::uint8_t* buffer_ = nullptr;
  std::uint32_t begin_ = 0;
  std::uint32_t size_ = 0;
};

class PacketPool {
 public:
  static constexpr std::size_t kHeadroom = 64;
  static constexpr std::size_t kTailroom = 64;

  struct Options {
    std::size_t max_packet_size = 1920;  // bytes; buffers are this plus head- and tailroom
    std::size_t max_packets = 65536;
    std::size_t max_large_packets = 0;  // each up to kMaxLargeSize
  };
  // The largest IP packet: an IPv6 header and 65535 bytes behind it.
  static constexpr std::size_t kMaxLargeSize = 65575;
  // 0.5 MiB. A large packet is in one hand at a time, so there are never many.
  static constexpr std::size_t kLargePackets = 8;

  PacketPool() : PacketPool(Options{.max_large_packets = kLargePackets}) {}
  explicit PacketPool(Options options);
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;

  // A packet of `size` bytes whose contents are unspecified; nothing if that is too large or the
  // pool is at its bound.
  [[nodiscard]] std::optional<Packet> allocate(std::size_t size);
  // The same, filled with a copy.
  [[nodiscard]] std::optional<Packet> copy(Bytes bytes);

  // Of usual packets.
  [[nodiscard]] std::size_t max_packet_size() const { return options_.max_packet_size; }
  // Of any.
  [[nodiscard]] std::size_t max_large_size() const {
    return options_.max_large_packets == 0 ? options_.max_packet_size : kMaxLargeSize;
  }
  [[nodiscard]] std::size_t in_use() const {
    return buffers_ - free_.size() + (large_ ? large_->in_use() : 0);
  }

 private:
  friend class Packet;
  [[nodiscard]] std::size_t buffer_size() const {
    return kHeadroom + options_.max_packet_size + kTailroom;
  }
  [[nodiscard]] std::optional<Packet> allocate_large(std::size_t size);
  void grow();

  Options options_;
  std::vector<std::unique_ptr<std::uint8_t[]>> slabs_;
  std::vector<std::uint8_t*> free_;
  std::size_t buffers_ = 0;
  std::unique_ptr<PacketPool> large_;  // made when it is needed first
};

}  // namespace oneping
