// Stands for the control API of an edge: answers what it was told to, on a Unix socket in a folder
// of its own, and remembers what it was asked.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "admin/testing/scratch_folder.h"

namespace httplib {
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace oneping::admin {

struct Answer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
};

class FakeEdge {
 public:
  FakeEdge();
  ~FakeEdge();
  FakeEdge(const FakeEdge&) = delete;
  FakeEdge& operator=(const FakeEdge&) = delete;

  // `request` is a method and a target behind /api/v1, as "GET /tunnels?limit=1000". Anything else
  // is answered with 404.
  void answer(const std::string& request, Answer answer);
  void answer(const std::string& request, const std::string& body) { answer(request, {200, body}); }

  // Since the last call: "POST /tunnels {"name":"office"}".
  [[nodiscard]] std::vector<std::string> take_requests();
  // Of the last request.
  [[nodiscard]] std::string header(const std::string& name) const;

  // For other files too.
  [[nodiscard]] const ScratchFolder& folder() const { return folder_; }
  [[nodiscard]] std::string socket() const { return folder_ / "edge.sock"; }

 private:
  void handle(const httplib::Request& request, httplib::Response& response);

  ScratchFolder folder_;
  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
  mutable std::mutex mutex_;  // for what follows
  std::map<std::string, Answer> answers_;
  std::vector<std::string> requests_;
  std::multimap<std::string, std::string> headers_;
};

}  // namespace oneping::admin
