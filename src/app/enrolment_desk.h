// The edge's registrar as a thread of its own: enrolment waits for the disk and signs, which the
// edge's loop must not. Requests wait in a bounded queue; when it is full the device is told to
// come again.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "control/registrar.h"
#include "io/event_loop.h"

namespace oneping {

class EnrolmentDesk final : public edge::DeviceRegistrar {
 public:
  static constexpr std::size_t kMaxWaiting = 256;

  // Nobody is served before open(). The loop must outlive it.
  explicit EnrolmentDesk(EventLoop& loop) : loop_(loop) {}
  ~EnrolmentDesk() override { close(); }

  // `registrar` must live until close().
  void open(control::Registrar& registrar);
  // What still waits is not served any more.
  void close();

  void enrol(masque::EnrolRequest request, edge::RegistrarDone<masque::EnrolAnswer> done) override;
  void renew(edge::DeviceId device, masque::RenewRequest request,
             edge::RegistrarDone<masque::RenewAnswer> done) override;

 private:
  using Work = std::function<void(control::Registrar&)>;
  // False when the queue is full or closed.
  [[nodiscard]] bool add(Work work);
  template <typename Answer, typename Ask>
  void ask(edge::RegistrarDone<Answer> done, Ask ask);
  void run(control::Registrar& registrar);

  EventLoop& loop_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> waiting_;
  bool is_open_ = false;
  std::thread thread_;
};

}  // namespace oneping
