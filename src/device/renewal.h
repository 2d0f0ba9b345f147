// Renews the device's certificate by its session, for the same key, when a third of its life is
// left; tries again every hour.
//
// Timers: the next look is when the renewal is due, and within the hour at least, as the clock that
// tells the time of day may be set; a minute while there is no session.
#pragma once

#include <functional>
#include <string>

#include "device/certificate_chain.h"
#include "device/session.h"

namespace oneping::device {

struct RenewalOptions {
  std::string key_pem;  // of the device
  std::string name;
  quic::KeyPin key_pin{};
  quic::KeyPin authority_pin{};
  std::function<WallTime()> wall_clock;
};

class Renewal {
 public:
  static constexpr Duration kRetry = std::chrono::hours(1);
  static constexpr Duration kNoSession = std::chrono::minutes(1);
  using OnRenewed = std::function<void(const CertificateChain& chain, Time now)>;

  // The session must outlive it.
  Renewal(RenewalOptions options, const quic::Validity& validity, Session& session,
          OnRenewed on_renewed);

  void start(Time now) { next_look_ = now; }
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const { return next_look_; }
  // The clock was set, the host has slept, or there is a session again.
  void look_soon(Time now);

  [[nodiscard]] WallTime due() const;
  [[nodiscard]] const quic::Validity& validity() const { return validity_; }

 private:
  void ask(Time now);
  void on_response(const std::optional<masque::HttpResponse>& response, Time now);

  const RenewalOptions options_;
  quic::Validity validity_;
  Session& session_;
  OnRenewed on_renewed_;
  Time next_look_ = kNever;
  std::optional<Time> asked_at_;
};

}  // namespace oneping::device
