// For tests: an edge with a certificate authority of its own, which enrols devices, renews their
// certificates, gives them sessions and writes down what comes; and which can be restarted.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "device/trouble.h"
#include "masque/device_messages.h"
#include "masque/masque_server.h"
#include "quic/server_certificate.h"
#include "quic/testing/virtual_network.h"

namespace oneping::device::testing {

using namespace std::chrono_literals;
using Octets = std::vector<std::uint8_t>;
using quic::testing::address;

inline Prefix prefix(const char* text) { return *Prefix::parse(text); }

// Certificates are checked by the real clock, on which virtual time begins.
inline WallTime real_now() {
  static const WallTime kNow =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return kNow;
}

// One for all tests: making one takes a while.
inline const quic::CertificateBundle& authority() {
  static const auto kBundle = *quic::make_server_certificate({masque::kEdgeServerName});
  return kBundle;
}
inline const quic::CertificateBundle& other_authority() {
  static const auto kBundle = *quic::make_server_certificate({masque::kEdgeServerName});
  return kBundle;
}
inline const quic::KeyAndRequest& device_key() {
  static const auto kKey = *quic::make_key_and_csr("laptop");
  return kKey;
}

inline std::string sign(const std::string& request, const quic::Validity& validity,
                        const quic::CertificateBundle& by = authority()) {
  static std::uint8_t serial = 0;
  const auto signed_pem = quic::sign_device_certificate(by.ca_pem, by.ca_key_pem, request,
                                                        {.common_name = "laptop",
                                                         .uris = {"oneping:device/1"},
                                                         .serial = {1, ++serial},
                                                         .not_before = validity.not_before,
                                                         .not_after = validity.not_after});
  EXPECT_TRUE(signed_pem) << signed_pem.error().message;
  return *signed_pem + by.ca_pem;
}

class FakeEdge final : public quic::Acceptor, public masque::MasqueServerEvents {
 public:
  struct End {
    std::unique_ptr<masque::MasqueServer> server;
    bool has_certificate = false;
    std::vector<Octets> packets;
    int path_changes = 0;
    std::vector<quic::CloseInfo> closed;
  };

  tl::expected<masque::SessionGrant, masque::SessionRefusal> grant = masque::SessionGrant{
      {prefix("100.96.0.7"), prefix("fd00::7")}, {prefix("172.16.10.0/24"), prefix("fd10::/64")}};
  masque::MasqueServerOptions options;
  // What a certificate that it signs is good for.
  Duration lifetime = 30 * 24h;
  std::string key_text = "opk_good";  // that lets a device enrol
  std::string refuses_requests;       // with that sentence
  bool answers = true;                // requests
  int busy_answers = 0;               // to the next enrolments
  masque::HopsAnswer hops;            // of every way
  std::vector<masque::HttpRequest> requests;
  int session_requests = 0;
  std::vector<std::unique_ptr<End>> ends;
  std::function<void(End&, Bytes)> when_packet;

  [[nodiscard]] End& last() { return *ends.back(); }
  [[nodiscard]] std::size_t open_sessions() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        ends, [](const auto& end) { return end->server && end->server->has_open_session(); }));
  }
  // What the whole process does.
  void crash() { ends.clear(); }

  quic::ConnectionEvents& on_connection(quic::Connection& connection, Time) override {
    ends.push_back(std::make_unique<End>());
    last().server = std::make_unique<masque::MasqueServer>(connection, options, *this);
    return last().server->quic_events();
  }

 private:
  void on_request(masque::MasqueServer& server, masque::StreamId stream,
                  masque::HttpRequest request, Time now) override {
    requests.push_back(request);
    if (answers) server.respond(stream, answer(server, request, now));
  }
  masque::HttpResponse answer(masque::MasqueServer& server, const masque::HttpRequest& request,
                              Time now) {
    if (!refuses_requests.empty()) return {403, {}, masque::error_json(refuses_requests)};
    const WallTime today = real_now() + std::chrono::floor<std::chrono::seconds>(now - Time{});
    const quic::Validity validity{today - 1h,
                                  today + std::chrono::floor<std::chrono::seconds>(lifetime)};
    if (request.path == masque::kEnrolPath) {
      const auto asked = masque::parse_enrol_request(request.body);
      if (busy_answers > 0) {
        --busy_answers;
        return {429, {}, masque::error_json("try again soon")};
      }
      if (!asked || asked->key != key_text) return {403, {}, masque::error_json("unknown key")};
      return {200,
              {},
              to_json(masque::EnrolAnswer{asked->name.empty() ? "laptop" : asked->name,
                                          1,
                                          sign(asked->csr, validity),
                                          {prefix("100.96.0.7"), prefix("fd00::7")}})};
    }
    if (server.connection().peer_certificate() == nullptr) {
      return {401, {}, masque::error_json("no certificate")};
    }
    if (request.path == masque::kRenewPath) {
      const auto asked = masque::parse_renew_request(request.body);
      if (!asked) return {400, {}, masque::error_json(asked.error().message)};
      return {200, {}, to_json(masque::RenewAnswer{sign(asked->csr, validity)})};
    }
    if (masque::parse_hops_path(request.path)) return {200, {}, to_json(hops)};
    return {404, {}, masque::error_json("there is nothing here")};
  }
  tl::expected<masque::SessionGrant, masque::SessionRefusal> on_session_request(
      masque::MasqueServer& server, const masque::HttpRequest&, Time) override {
    ++session_requests;
    if (server.connection().peer_certificate() == nullptr) {
      return tl::make_unexpected(masque::SessionRefusal{401, "no certificate"});
    }
    return grant;
  }
  void on_session_open(masque::MasqueServer&, Time) override {}
  void on_packet(masque::MasqueServer& server, Bytes packet, Time) override {
    End& end = end_of(server);
    end.packets.emplace_back(packet.begin(), packet.end());
    if (when_packet) when_packet(end, packet);
  }
  void on_bad_datagram(masque::MasqueServer&, DropReason, Time) override {}
  void on_session_closed(masque::MasqueServer&, const std::string&, Time) override {}
  void on_path_changed(masque::MasqueServer& server, Time) override {
    ++end_of(server).path_changes;
  }
  void on_closed(masque::MasqueServer& server, const quic::CloseInfo& info, Time) override {
    End& end = end_of(server);
    end.closed.push_back(info);
    end.server.reset();
  }

  End& end_of(const masque::MasqueServer& server) {
    return **std::ranges::find_if(ends, [&](const auto& e) { return e->server.get() == &server; });
  }
};

}  // namespace oneping::device::testing
