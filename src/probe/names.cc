#include "probe/names.h"

#include <algorithm>

namespace oneping::probe {

namespace {

constexpr std::size_t kMaxNameSize = 255;  // RFC 1035, 2.3.4

}  // namespace

std::optional<std::string_view> NameBook::find(const IpAddress& address) {
  if (naming_ == Naming::numeric) return "";
  auto known = names_.find(address);
  if (known == names_.end()) {
    if (!waits_ || names_.size() >= kMaxNames) return "";
    known = names_.emplace(address, std::nullopt).first;
    source_.ask(address);  // which may answer at once
  }
  if (known->second) return *known->second;
  return waits_ ? std::nullopt : std::optional<std::string_view>("");
}

void NameBook::on_name(const IpAddress& address, std::string_view name) {
  const auto asked = names_.find(address);
  if (asked == names_.end()) return;
  std::string safe(name.substr(0, kMaxNameSize));
  std::ranges::replace_if(
      safe, [](char c) { return c <= ' ' || c > '~'; }, '?');
  asked->second = std::move(safe);
}

}  // namespace oneping::probe
