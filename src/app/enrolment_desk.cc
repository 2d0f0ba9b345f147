#include "app/enrolment_desk.h"

#include <memory>
#include <utility>

namespace oneping {

void EnrolmentDesk::open(control::Registrar& registrar) {
  is_open_ = true;
  thread_ = std::thread([this, &registrar] { run(registrar); });
}

void EnrolmentDesk::close() {
  {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
    waiting_.clear();
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool EnrolmentDesk::add(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_open_ || waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

// The answer goes back through the loop, which is where the edge's connections live.
template <typename Answer, typename Ask>
void EnrolmentDesk::ask(edge::RegistrarDone<Answer> done, Ask ask) {
  const auto shared_done = std::make_shared<edge::RegistrarDone<Answer>>(std::move(done));
  const bool is_taken =
      add([this, shared_done, ask = std::move(ask)](control::Registrar& registrar) {
        auto answer =
            std::make_shared<tl::expected<Answer, edge::RegistrarRefusal>>(ask(registrar));
        loop_.post([shared_done, answer] { (*shared_done)(std::move(*answer)); });
      });
  if (is_taken) return;
  (*shared_done)(tl::make_unexpected(
      edge::RegistrarRefusal{503, "the edge has too much to do at this moment: try again soon"}));
}

void EnrolmentDesk::enrol(masque::EnrolRequest request,
                          edge::RegistrarDone<masque::EnrolAnswer> done) {
  ask(std::move(done), [request = std::move(request)](control::Registrar& registrar) {
    return registrar.enrol(request);
  });
}

void EnrolmentDesk::renew(edge::DeviceId device, masque::RenewRequest request,
                          edge::RegistrarDone<masque::RenewAnswer> done) {
  ask(std::move(done), [device, request = std::move(request)](control::Registrar& registrar) {
    return registrar.renew(device, request);
  });
}

void EnrolmentDesk::run(control::Registrar& registrar) {
  for (;;) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !is_open_ || !waiting_.empty(); });
      if (!is_open_) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work(registrar);
  }
}

}  // namespace oneping
