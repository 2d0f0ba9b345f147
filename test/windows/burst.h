// Many echo requests at once, each with an id, a size and data of its own; every fourth is to end
// at the second hop. What comes back must be the answer to the one that it says.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "probe/answer.h"
#include "probe/echo_probe.h"
#include "probe/format.h"
#include "probe/tool.h"

namespace oneping::probe {

class Burst final : public Tool {
 public:
  static constexpr Duration kPatience = std::chrono::seconds(10);

  Burst(std::size_t count, IpAddress source, IpAddress destination, const ToolHost& host)
      : requests_(count), source_(source), destination_(destination), host_(host) {}

  void start(Time now) override {
    end_ = now + kPatience;
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      Request& request = requests_[i];
      request.data.resize(i % 64 + 8);
      host_.random.fill(request.data);
      const EchoProbe probe{.source = source_,
                            .destination = destination_,
                            .hop_limit = std::uint8_t(is_short(i) ? 2 : 64)};
      if (send_echo(host_, probe, identity(i), request.data, now)) ++refused_;
    }
  }
  void on_packet(Bytes packet, Time) override {
    const auto answer = read_answer(packet);
    if (!answer) return;
    const std::size_t i = answer->identity.sequence;
    if (i >= requests_.size() || answer->identity != identity(i) || requests_[i].is_answered ||
        answer->asker != source_ || answer->destination != destination_ || !fits(*answer, i)) {
      ++wrong_;
      return;
    }
    requests_[i].is_answered = true;
    ++(answer->is_reply() ? replies_ : errors_);
  }
  void on_time(Time now) override { is_late_ = now >= end_; }
  void on_name(const IpAddress&, std::string_view) override {}
  void on_legs(const Legs&) override {}
  void interrupt() override { is_late_ = true; }

  [[nodiscard]] Time next_time() const override { return end_; }
  [[nodiscard]] bool is_done() const override {
    return is_late_ || replies_ + errors_ + refused_ >= requests_.size();
  }
  [[nodiscard]] int exit_code() const override {
    return replies_ + errors_ == requests_.size() && wrong_ == 0 ? 0 : 1;
  }
  [[nodiscard]] std::string summary() const {
    return format("%zu sent, %zu replies, %zu errors, %zu wrong", requests_.size() - refused_,
                  replies_, errors_, wrong_);
  }

 private:
  struct Request {
    std::vector<std::uint8_t> data;
    bool is_answered = false;
  };

  static bool is_short(std::size_t i) { return i % 4 == 3; }
  static EchoIdentity identity(std::size_t i) {
    return {.id = static_cast<std::uint16_t>(40000 + i), .sequence = static_cast<std::uint16_t>(i)};
  }
  [[nodiscard]] bool fits(const Answer& answer, std::size_t i) const {
    if (!answer.is_reply()) return is_short(i) && answer.is_hop_limit_exceeded();
    return !is_short(i) && std::ranges::equal(answer.payload, requests_[i].data);
  }

  std::vector<Request> requests_;
  const IpAddress source_, destination_;
  ToolHost host_;
  Time end_ = kNever;
  std::size_t refused_ = 0, replies_ = 0, errors_ = 0, wrong_ = 0;
  bool is_late_ = false;
};

}  // namespace oneping::probe
