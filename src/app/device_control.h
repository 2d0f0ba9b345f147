// How a device that is up is spoken to: a Unix socket in its state folder, open to whom the file's
// permissions let in. A question is one word and a newline, the answer one line of JSON.
//
// It runs on the event loop: at most kMaxClients at once, each for a few seconds. After "down" the
// connection stays open until the process has ended, which is the answer's second half.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "io/event_loop.h"
#include "io/fd.h"

namespace oneping {

class DeviceControl {
 public:
  static constexpr std::size_t kMaxClients = 16;
  // What is asked, in a turn of the loop: the answer's JSON.
  using Answer = std::function<std::string(const std::string& question)>;

  // Fails if somebody listens there already. The loop must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<DeviceControl>> open(const std::string& path,
                                                                   EventLoop& loop, Answer answer);
  // Removes the socket.
  ~DeviceControl();
  DeviceControl(const DeviceControl&) = delete;
  DeviceControl& operator=(const DeviceControl&) = delete;

  // Clients that ask nothing are let go.
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const;

 private:
  struct Client {
    Fd fd;
    std::string received;
    Time until;
    bool is_answered = false;
  };

  DeviceControl(std::string path, Fd listener, EventLoop& loop, Answer answer)
      : path_(std::move(path)),
        listener_(std::move(listener)),
        loop_(loop),
        answer_(std::move(answer)) {}
  void accept();
  void on_readable(int fd);
  void drop(int fd);

  std::string path_;
  Fd listener_;
  EventLoop& loop_;
  Answer answer_;
  std::map<int, Client> clients_;
};

inline constexpr const char* kAskStatus = "status";
inline constexpr const char* kAskDown = "down";

enum class Until : bool { answer, end };
// Asks whoever listens at `path`, and waits for the answer or for the connection's end behind it.
// Nothing if nobody listens there.
[[nodiscard]] Result<std::optional<std::string>> ask_device(const std::string& path,
                                                            const std::string& question,
                                                            Until until,
                                                            std::chrono::milliseconds patience);

}  // namespace oneping
