#include "device/tool_run.h"

#include <algorithm>
#include <utility>

namespace oneping::device {

namespace {

// Whoever sits before a terminal would rather know at once.
bool is_hopeless(Trouble trouble) {
  using enum Trouble;
  return is_lasting(trouble) || trouble == no_route || trouble == name_not_found ||
         trouble == wrong_clock;
}

const IpAddress* source_for(const IpAddress& destination, const InterfacePlan& plan) {
  const auto found = std::ranges::find(plan.addresses, destination.family(), &IpAddress::family);
  return found == plan.addresses.end() ? nullptr : &*found;
}

bool has_route(const IpAddress& destination, const InterfacePlan& plan) {
  return std::ranges::any_of(plan.routes,
                             [&](const Prefix& route) { return route.contains(destination); });
}

}  // namespace

Result<std::unique_ptr<ToolRun>> ToolRun::make(const DeviceConfig& config,
                                               std::vector<IpAddress> to, Dialer& dialer,
                                               ToolRunEvents& events, PacketPool& pool,
                                               Random& random) {
  std::unique_ptr<ToolRun> run(new ToolRun(std::move(to), events));
  DeviceConfig own = config;
  own.host = HostKind::userspace;
  auto device =
      Device::make(own, dialer, run->inbox_, static_cast<DeviceEvents&>(*run), pool, random);
  if (!device) return tl::make_unexpected(device.error());
  run->device_ = std::move(*device);
  return run;
}

void ToolRun::start(Time now) {
  patience_end_ = now + kPatience;
  device_->start(now);
}

void ToolRun::run(Time now) {
  device_->run(now);
  // In a turn of its own, as this one has shaken hands and its time is long past.
  if (!failure_ && !tool_ && way_ && has_word_) begin_at_ = now;
  deliver(now);
}

void ToolRun::on_time(Time now) {
  device_->on_time(now);
  if (failure_) return;
  if (now >= patience_end_) {
    return fail_with({last_problem_ ? last_problem_->text : "the edge did not answer in time"});
  }
  if (now >= first_word_end_) {
    first_word_end_ = kNever;
    if (!way_) return fail_with(no_way());
    has_word_ = true;
  }
  if (now >= ask_at_) ask(now);
  if (now >= begin_at_) begin(now);
  if (tool_ && !tool_->is_done() && now >= tool_->next_time()) tool_->on_time(now);
}

Time ToolRun::next_deadline() const {
  const Time tool = tool_ ? tool_->next_time() : kNever;
  return std::min(
      {device_->next_deadline(), patience_end_, first_word_end_, ask_at_, begin_at_, tool});
}

void ToolRun::on_name(const IpAddress& address, std::string_view name) {
  if (tool_) tool_->on_name(address, name);
}

void ToolRun::interrupt() {
  if (tool_) return tool_->interrupt();
  fail_with({"interrupted before there was a session with the edge"});
}

void ToolRun::on_session_up(Time now) {
  if (tool_ || failure_) return;
  patience_end_ = kNever;
  if (first_word_end_ == kNever) first_word_end_ = now + kFirstWord;
  choose(now);
}

// Routes may come a moment after the session.
void ToolRun::on_plan_changed(const InterfacePlan&, Time now) {
  if (device_->is_up()) choose(now);
}

void ToolRun::choose(Time now) {
  if (way_ || failure_) return;
  const InterfacePlan& plan = device_->plan();
  const auto found = std::ranges::find_if(to_, [&](const IpAddress& each) {
    return source_for(each, plan) != nullptr && has_route(each, plan);
  });
  if (found == to_.end()) return;
  way_ = Way{.source = *source_for(*found, plan), .destination = *found, .roles = {}};
  ask(now);
}

Error ToolRun::no_way() const {
  const InterfacePlan& plan = device_->plan();
  const auto able = std::ranges::find_if(
      to_, [&](const IpAddress& each) { return source_for(each, plan) != nullptr; });
  if (able != to_.end()) return {"the edge has no route to " + able->to_string()};
  return {"the edge gave this device no " + std::string(to_.front().is_v4() ? "IPv4" : "IPv6") +
          " address, as " + to_.front().to_string() + " takes"};
}

void ToolRun::ask(Time now) {
  ask_at_ = now + kAskAgain;
  if (tool_) tell_legs();
  if (std::exchange(is_asking_, true)) return;
  device_->request(
      {.method = "GET", .path = masque::hops_path(way_->destination)},
      [this](const std::optional<masque::HttpResponse>& response, Time) { on_word(response); },
      now);
}

void ToolRun::on_word(const std::optional<masque::HttpResponse>& response) {
  is_asking_ = false;
  has_word_ = true;
  if (!response || !response->is_success()) return;
  const auto answer = masque::parse_hops_answer(response->body);
  if (!answer) return;
  edge_to_connector_.reset();
  for (const auto& hop : answer->hops) {
    if (hop.role == to_string(probe::HopRole::edge)) way_->roles.edge = hop.addresses;
    if (hop.role == to_string(probe::HopRole::connector)) edge_to_connector_ = hop.rtt;
  }
  if (tool_) tell_legs();
}

void ToolRun::begin(Time now) {
  first_word_end_ = begin_at_ = kNever;
  tool_ = events_.make_tool(*way_, outlet_);
  tell_legs();
  tool_->start(now);
}

void ToolRun::tell_legs() {
  const SessionStatus session = device_->status();
  probe::Legs legs{.device_to_edge = {}, .edge_to_connector = edge_to_connector_};
  if (session.state == SessionState::open) legs.device_to_edge = session.round_trip;
  tool_->on_legs(legs);
}

// What a packet makes the tool send may be answered at once.
void ToolRun::deliver(Time now) {
  while (!inbox_.packets.empty()) {
    std::swap(inbox_.packets, delivered_);
    for (const Packet& packet : delivered_) {
      if (tool_) tool_->on_packet(packet.bytes(), now);
    }
    delivered_.clear();
  }
}

void ToolRun::on_session_down(const Problem& why, Time now) {
  last_problem_ = why;
  if (tool_) return events_.on_session_lost(why);
  if (failure_) return;
  // From the beginning.
  way_.reset();
  has_word_ = false;
  first_word_end_ = ask_at_ = begin_at_ = kNever;
  patience_end_ = now + kPatience;
}

void ToolRun::on_attempt_failed(const Problem& why, Time) {
  last_problem_ = why;
  if (!tool_ && is_hopeless(why.trouble)) fail_with({why.text});
}

void ToolRun::on_renewed(const CertificateChain& certificate, Time now) {
  events_.on_renewed(certificate, now);
}

void ToolRun::fail_with(Error why) {
  if (!failure_) failure_ = std::move(why);
  patience_end_ = first_word_end_ = ask_at_ = begin_at_ = kNever;
}

std::optional<DropReason> ToolRun::Inbox::send(Packet& packet, Time) {
  packets.push_back(std::move(packet));
  return std::nullopt;
}

// Whatever does not pass comes back as the error that says why.
std::optional<DropReason> ToolRun::Outlet::send(Packet& packet, Time now) {
  run_.device_->on_host_packet(std::move(packet), now);
  return std::nullopt;
}

std::size_t ToolRun::Outlet::max_packet_size() const { return run_.device_->plan().mtu; }

}  // namespace oneping::device
