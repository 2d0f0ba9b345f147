#include "control/sign_ins.h"

#include <algorithm>

namespace oneping::control {

namespace {

bool is_over(const SignIn& session, Timestamp now) { return SignIns::end_of(session) <= now; }

}  // namespace

Timestamp SignIns::end_of(const SignIn& session) {
  return std::min(session.used + kIdle, session.began + kLongest);
}

void SignIns::set_dashboard(Dashboard dashboard) {
  const std::lock_guard lock(mutex_);
  dashboard_ = std::move(dashboard);
}

SignIns::Dashboard SignIns::dashboard() const {
  const std::lock_guard lock(mutex_);
  return dashboard_;
}

SignIn SignIns::begin(const SecretHash& cookie, SignIn session, Timestamp now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& entry) { return is_over(entry.second, now); });
  if (sessions_.size() >= kMaxSessions) {
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  session.id = ++last_id_;
  session.began = now;
  session.used = now;
  sessions_[cookie] = session;
  return session;
}

std::optional<SignIn> SignIns::use(const SecretHash& cookie, Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(cookie);
  if (found == sessions_.end()) return std::nullopt;
  if (is_over(found->second, now)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = std::max(found->second.used, now);
  return found->second;
}

std::optional<SignIn> SignIns::find(Id session, Timestamp now) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [cookie, known] : sessions_) {
    if (known.id == session && !is_over(known, now)) return known;
  }
  return std::nullopt;
}

std::map<Id, SignIn> SignIns::all(Timestamp now) const {
  const std::lock_guard lock(mutex_);
  std::map<Id, SignIn> all;
  for (const auto& [cookie, known] : sessions_) {
    if (!is_over(known, now)) all.emplace(known.id, known);
  }
  return all;
}

bool SignIns::end(Id session) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(sessions_, [&](const auto& entry) { return entry.second.id == session; }) >
         0;
}

void SignIns::offer(const SecretHash& link, Link offered) {
  const std::lock_guard lock(mutex_);
  if (links_.size() >= kMaxLinks) {
    links_.erase(std::min_element(links_.begin(), links_.end(), [](const auto& a, const auto& b) {
      return a.second.until < b.second.until;
    }));
  }
  links_[link] = std::move(offered);
}

std::optional<SignIns::Link> SignIns::take(const SecretHash& link, Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto found = links_.find(link);
  if (found == links_.end()) return std::nullopt;
  Link taken = std::move(found->second);
  links_.erase(found);
  if (taken.until <= now) return std::nullopt;
  return taken;
}

}  // namespace oneping::control
