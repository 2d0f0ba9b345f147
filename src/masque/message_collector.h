// Messages with small bodies, collected until they are whole: requests at a server, responses at a
// client. Bounded: a body that grows too large is given up.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "quic/connection.h"

namespace oneping::masque {

template <typename Message>
class MessageCollector {
 public:
  explicit MessageCollector(std::size_t max_body) : max_body_(max_body) {}

  void begin(quic::StreamId stream, Message message) {
    messages_.insert_or_assign(stream, std::move(message));
  }
  [[nodiscard]] bool has(quic::StreamId stream) const { return messages_.contains(stream); }
  // False, and the message is given up, if it is too large.
  [[nodiscard]] bool add(quic::StreamId stream, Bytes bytes) {
    const auto found = messages_.find(stream);
    if (found == messages_.end()) return true;
    if (found->second.body.size() + bytes.size() > max_body_) {
      messages_.erase(found);
      return false;
    }
    found->second.body.append(bytes.begin(), bytes.end());
    return true;
  }
  // The message, which is whole now; nothing if there is none.
  [[nodiscard]] std::optional<Message> take(quic::StreamId stream) {
    auto node = messages_.extract(stream);
    if (node.empty()) return std::nullopt;
    return std::move(node.mapped());
  }

 private:
  std::size_t max_body_;
  std::map<quic::StreamId, Message> messages_;  // as many as there are streams
};

}  // namespace oneping::masque
