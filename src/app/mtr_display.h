// mtr's live screen on the user's terminal: drawn when something has changed, but not too often,
// and each second for its clock. Keys, the window's size and being stopped (SIGTSTP) are its
// business.
//
// Timer: the next drawing, kFrame after the last one if there is something new, else a second.
#pragma once

#include <memory>

#include "io/event_loop.h"
#include "io/terminal.h"
#include "probe/mtr.h"

namespace oneping {

class MtrDisplay {
 public:
  static constexpr Duration kFrame = std::chrono::milliseconds(50);
  static constexpr Duration kClock = std::chrono::seconds(1);

  // Takes the terminal. The other two must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<MtrDisplay>> open(std::unique_ptr<Terminal> terminal,
                                                                probe::Mtr& mtr, EventLoop& loop);
  ~MtrDisplay();
  MtrDisplay(const MtrDisplay&) = delete;
  MtrDisplay& operator=(const MtrDisplay&) = delete;

  void end_turn(Time now);
  [[nodiscard]] Time next_deadline() const { return next_drawing_; }

 private:
  MtrDisplay(std::unique_ptr<Terminal> terminal, probe::Mtr& mtr, EventLoop& loop)
      : terminal_(std::move(terminal)), mtr_(mtr), loop_(loop) {}
  [[nodiscard]] Result<void> watch();
  void on_keys();
  void on_stop();
  void draw(Time now);

  std::unique_ptr<Terminal> terminal_;
  probe::Mtr& mtr_;
  EventLoop& loop_;
  Time last_drawing_{};
  Time next_drawing_{};
};

// "2026-11-22T00:10:03+0100", as mtr writes it.
[[nodiscard]] std::string local_time();

}  // namespace oneping
