// What the keys of mtr's screen do.
#include "probe/mtr.h"

#include <algorithm>

namespace oneping::probe {

namespace {

constexpr std::size_t kScrollStep = 5;

MtrScreenMode next(MtrScreenMode mode) {
  switch (mode) {
    case MtrScreenMode::columns: return MtrScreenMode::dots;
    case MtrScreenMode::dots: return MtrScreenMode::scale;
    case MtrScreenMode::scale: return MtrScreenMode::columns;
  }
  return MtrScreenMode::columns;
}

Naming other(Naming naming) { return naming == Naming::names ? Naming::numeric : Naming::names; }

}  // namespace

void Mtr::on_key(char key, Time now) {
  if (is_done_) return;
  has_changed_ = true;
  if (screen_.help) {
    screen_.help = false;
    if (key != 'q') return;
  }
  switch (key) {
    case 'q':
    case '\x03': finish(); break;  // a terminal in raw mode gives Ctrl-C as a byte
    case 'r': reset(); break;
    case 'n': names_.set_naming(other(names_.naming())); break;
    case 'b': options_.show_addresses = !options_.show_addresses; break;
    case 'd': screen_.mode = next(screen_.mode); break;
    case 'j': screen_.jitter_fields = !screen_.jitter_fields; break;
    case 'p': set_paused(true, now); break;
    case ' ': set_paused(false, now); break;
    case '+':
      screen_.scroll = std::min<std::size_t>(screen_.scroll + kScrollStep, path_.last_ttl());
      break;
    case '-': screen_.scroll -= std::min(screen_.scroll, kScrollStep); break;
    case '?':
    case 'h': screen_.help = true; break;
  }
}

void Mtr::reset() {
  path_.reset();
  ++run_;
  ttl_ = options_.first_ttl;
  hops_in_round_ = kMtrFirstGuess;
}

// While paused nothing leaves; what comes in still counts.
void Mtr::set_paused(bool paused, Time now) {
  if (screen_.is_paused == paused || is_in_grace_) return;
  screen_.is_paused = paused;
  next_time_ = paused ? kNever : now;
}

}  // namespace oneping::probe
