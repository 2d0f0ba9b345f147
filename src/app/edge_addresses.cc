#include "app/edge_addresses.h"

#include <utility>

#include "base/log.h"

namespace oneping {

namespace {
constexpr Duration kOld = std::chrono::seconds(30);
}  // namespace

EdgeAddresses::EdgeAddresses(std::vector<HostPort> names, EventLoop& loop)
    : loop_(loop), resolver_(loop) {
  for (HostPort& name : names) names_.push_back({.name = std::move(name)});
}

void EdgeAddresses::resolve(std::function<void()> on_known) {
  on_known_ = std::move(on_known);
  refresh(loop_.now());
}

const SocketAddress* EdgeAddresses::choose(std::size_t connection, unsigned attempt, Time now) {
  if (now - asked_at_ > kOld || all_.empty()) refresh(now);
  return all_.empty() ? nullptr : &all_[(connection + attempt) % all_.size()];
}

void EdgeAddresses::refresh(Time now) {
  asked_at_ = now;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (std::exchange(names_[i].asked, true)) continue;
    resolver_.resolve(names_[i].name,
                      [this, i](const Resolver::Answer& answer) { on_answer(i, answer); });
  }
}

void EdgeAddresses::on_answer(std::size_t index, const Resolver::Answer& answer) {
  Name& name = names_[index];
  name.asked = false;
  problem_.reset();
  if (!answer) {
    log::warn("{}", answer.error().message);
    problem_ = answer.error();
  } else {
    name.addresses = *answer;
  }
  all_.clear();
  // One address of every name first, so that the connections are spread over the edges.
  for (std::size_t nth = 0, found = 1; found > 0; ++nth) {
    found = 0;
    for (const Name& each : names_) {
      if (nth >= each.addresses.size()) continue;
      all_.push_back(each.addresses[nth]);
      ++found;
    }
  }
  if (on_known_) std::exchange(on_known_, nullptr)();
}

}  // namespace oneping
