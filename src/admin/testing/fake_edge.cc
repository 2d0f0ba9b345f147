#include "admin/testing/fake_edge.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>

#include <string_view>
#include <utility>

namespace oneping::admin {

namespace {

constexpr std::string_view kPrefix = "/api/v1";

}  // namespace

FakeEdge::FakeEdge() : server_(std::make_unique<httplib::Server>()) {
  const auto handler = [this](const auto& request, auto& response) { handle(request, response); };
  server_->Get(".*", handler);
  server_->Post(".*", handler);
  server_->Put(".*", handler);
  server_->Patch(".*", handler);
  server_->Delete(".*", handler);
  server_->new_task_queue = [] { return new httplib::ThreadPool(2); };
  server_->set_address_family(AF_UNIX);
  EXPECT_TRUE(server_->bind_to_port(socket(), 80));
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

FakeEdge::~FakeEdge() {
  server_->stop();
  thread_.join();
}

void FakeEdge::answer(const std::string& request, Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_[request] = std::move(answer);
}

std::vector<std::string> FakeEdge::take_requests() {
  const std::lock_guard lock(mutex_);
  return std::exchange(requests_, {});
}

std::string FakeEdge::header(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = headers_.find(name);
  return found == headers_.end() ? "" : found->second;
}

void FakeEdge::handle(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard lock(mutex_);
  std::string target = request.target;
  if (target.starts_with(kPrefix)) target.erase(0, kPrefix.size());
  const std::string asked = request.method + " " + target;
  requests_.push_back(request.body.empty() ? asked : asked + " " + request.body);
  headers_ = {request.headers.begin(), request.headers.end()};
  const auto found = answers_.find(asked);
  if (found == answers_.end()) {
    response.status = 404;
    response.set_content(R"({"title":"Not Found","status":404,"detail":"there is no such thing"})",
                         "application/problem+json");
    return;
  }
  response.status = found->second.status;
  if (!found->second.body.empty()) {
    response.set_content(found->second.body, found->second.content_type);
  }
}

}  // namespace oneping::admin
