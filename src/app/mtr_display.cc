#include "app/mtr_display.h"

#include <array>
#include <csignal>
#include <ctime>

namespace oneping {

Result<std::unique_ptr<MtrDisplay>> MtrDisplay::open(std::unique_ptr<Terminal> terminal,
                                                     probe::Mtr& mtr, EventLoop& loop) {
  std::unique_ptr<MtrDisplay> display(new MtrDisplay(std::move(terminal), mtr, loop));
  if (auto watched = display->watch(); !watched) return tl::make_unexpected(watched.error());
  display->terminal_->enter();
  return display;
}

MtrDisplay::~MtrDisplay() { loop_.unwatch(terminal_->fd()); }

Result<void> MtrDisplay::watch() {
  Result<void> done;
  if (terminal_->fd() >= 0) done = loop_.watch(terminal_->fd(), [this] { on_keys(); });
  if (done) done = loop_.on_signal(SIGWINCH, [this] { next_drawing_ = loop_.now(); });
  if (done) done = loop_.on_signal(SIGTSTP, [this] { on_stop(); });
  return done;
}

void MtrDisplay::on_keys() {
  const auto keys = terminal_->read_keys();
  if (!keys) return mtr_.interrupt();
  for (const char key : *keys) mtr_.on_key(key, loop_.now());
}

// The shell gets its terminal back until it lets us go on.
void MtrDisplay::on_stop() {
  terminal_->leave();
  ::raise(SIGSTOP);
  terminal_->enter();
  next_drawing_ = loop_.now();
}

void MtrDisplay::end_turn(Time now) {
  if (now >= next_drawing_) draw(now);
  if (mtr_.take_change()) next_drawing_ = std::min(next_drawing_, last_drawing_ + kFrame);
}

void MtrDisplay::draw(Time now) {
  const TerminalSize size = terminal_->size();
  terminal_->write(mtr_.screen({size.columns, size.rows}, local_time()));
  std::ignore = mtr_.take_change();
  last_drawing_ = now;
  next_drawing_ = now + kClock;
}

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S%z", &local);
  return {text.data(), size};
}

}  // namespace oneping
