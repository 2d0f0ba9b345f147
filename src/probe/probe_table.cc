#include "probe/probe_table.h"

namespace oneping::probe {

EchoIdentity ProbeTable::add(std::uint32_t tag, Time now) {
  const auto sequence = ++last_sequence_;
  if (places_.size() <= sequence) places_.resize(std::size_t{sequence} + 1);
  Place& place = places_[sequence];
  if (place.state == State::waiting) ++counts_.forgotten;
  place = {.sent = now, .tag = tag, .state = State::waiting};
  ++counts_.sent;
  return {.id = id_, .sequence = sequence};
}

std::optional<ProbeTable::Match> ProbeTable::match(const Answer& answer, Time now) {
  Place* place = find(answer);
  if (place == nullptr) {
    ++counts_.strangers;
    return std::nullopt;
  }
  Match match{.tag = place->tag,
              .order = Order::again,
              .is_duplicate = answer.is_reply() && place->replied,
              .from_destination = answer.from == destination_,
              .round_trip = now - place->sent};
  switch (place->state) {
    case State::unused: break;  // find() gives none of these
    case State::waiting:
      match.order = Order::first;
      ++counts_.answered;
      break;
    case State::given_up:
      match.order = Order::late;
      ++counts_.late;
      break;
    case State::answered: ++counts_.again; break;
  }
  place->state = State::answered;
  if (answer.is_reply()) place->replied = true;
  return match;
}

void ProbeTable::give_up(std::uint16_t sequence) {
  if (sequence >= places_.size() || places_[sequence].state != State::waiting) return;
  places_[sequence].state = State::given_up;
  ++counts_.given_up;
}

ProbeTable::Place* ProbeTable::find(const Answer& answer) {
  if (answer.asker != source_ || answer.identity.id != id_) return nullptr;
  // A reply may come from another address than we asked (RFC 1122, 3.2.2.6 forbids it, but hosts
  // with several addresses do); an error says itself which destination it is about.
  if (!answer.is_reply() && answer.destination != destination_) return nullptr;
  if (answer.identity.sequence >= places_.size()) return nullptr;
  Place& place = places_[answer.identity.sequence];
  return place.state == State::unused ? nullptr : &place;
}

}  // namespace oneping::probe
