// A list of entries of a table, in an order, by their positions: the entries hold the links.
#pragma once

#include <cstddef>
#include <cstdint>

namespace oneping {

struct ListLinks {
  std::uint32_t next = 0;
  std::uint32_t previous = 0;
};

// links_at(position) gives the ListLinks& of an entry; an entry is in at most one list by one of
// its links.
class IndexList {
 public:
  using Position = std::uint32_t;
  static constexpr Position kNone = ~Position{0};

  template <typename LinksAt>
  void push_back(Position position, LinksAt links_at) {
    links_at(position) = {.next = kNone, .previous = back_};
    (back_ == kNone ? front_ : links_at(back_).next) = position;
    back_ = position;
    ++size_;
  }

  template <typename LinksAt>
  void remove(Position position, LinksAt links_at) {
    const ListLinks links = links_at(position);
    (links.previous == kNone ? front_ : links_at(links.previous).next) = links.next;
    (links.next == kNone ? back_ : links_at(links.next).previous) = links.previous;
    --size_;
  }

  template <typename LinksAt>
  void move_to_back(Position position, LinksAt links_at) {
    if (position == back_) return;
    remove(position, links_at);
    push_back(position, links_at);
  }

  // kNone when it is empty.
  [[nodiscard]] Position front() const { return front_; }
  [[nodiscard]] Position back() const { return back_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  Position front_ = kNone;
  Position back_ = kNone;
  std::size_t size_ = 0;
};

}  // namespace oneping
