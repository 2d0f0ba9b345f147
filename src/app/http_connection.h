// One peer's connection to an HttpServer, as the library reads and writes it.
#pragma once

#include <httplib.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

#include "io/fd.h"

namespace oneping {

class HttpConnection final : public httplib::Stream {
 public:
  explicit HttpConnection(Fd fd) : fd_(std::move(fd)) {}
  ~HttpConnection() override;

  // Whether something has come within that time.
  [[nodiscard]] bool wait(std::chrono::milliseconds patience) const;
  // It has ended its side: nothing more comes from it.
  [[nodiscard]] bool peer_has_left() const;
  // From now on so many bytes may be read, within that time; then reading fails.
  void begin_request(std::size_t bytes, std::chrono::milliseconds time);

  [[nodiscard]] bool is_readable() const override { return wait(time_left()); }
  [[nodiscard]] bool is_writable() const override;
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  // For a Unix socket the user takes the address's place: "uid 1000 (alice)".
  void get_remote_ip_and_port(std::string& address, int& port) const override;
  void get_local_ip_and_port(std::string& address, int& port) const override;
  [[nodiscard]] socket_t socket() const override { return fd_.get(); }

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::chrono::milliseconds time_left() const;
  [[nodiscard]] bool poll_for(short events, std::chrono::milliseconds patience) const;

  Fd fd_;
  std::size_t bytes_left_ = 0;
  Clock::time_point deadline_{};
  std::array<char, 4096> buffer_;  // the library reads heads byte by byte
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace oneping
