#include "device/renewal.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "masque/device_messages.h"

namespace oneping::device {

Renewal::Renewal(RenewalOptions options, const quic::Validity& validity, Session& session,
                 OnRenewed on_renewed)
    : options_(std::move(options)),
      validity_(validity),
      session_(session),
      on_renewed_(std::move(on_renewed)) {}

WallTime Renewal::due() const {
  return validity_.not_after - (validity_.not_after - validity_.not_before) / 3;
}

void Renewal::on_time(Time now) {
  if (now < next_look_) return;
  const auto left = due() - options_.wall_clock();
  if (left > std::chrono::seconds(0)) {
    next_look_ = now + std::min<Duration>(left, kRetry);
  } else if (!session_.is_up()) {
    next_look_ = now + kNoSession;
  } else {
    next_look_ = now + kRetry;
    ask(now);
  }
}

void Renewal::look_soon(Time now) {
  const bool was_asked = asked_at_ && now - *asked_at_ < kRetry;
  if (next_look_ != kNever && !was_asked) next_look_ = now;
}

void Renewal::ask(Time now) {
  asked_at_ = now;
  auto csr = quic::make_csr(options_.key_pem, options_.name);
  if (!csr) return log::warn("renewing the certificate: {}", csr.error().message);
  session_.request(
      {.method = "POST",
       .path = std::string(masque::kRenewPath),
       .fields = {{"content-type", "application/json"}},
       .body = to_json(masque::RenewRequest{*csr})},
      [this](const std::optional<masque::HttpResponse>& response, Time then) {
        on_response(response, then);
      },
      now);
}

void Renewal::on_response(const std::optional<masque::HttpResponse>& response, Time now) {
  const auto tell = [](const std::string& why) {
    log::warn("the certificate was not renewed, which is tried again in an hour: {}", why);
  };
  if (!response) return tell("the edge did not answer");
  if (!response->is_success()) {
    const auto sentence = masque::parse_error(response->body);
    return tell("the edge says " + std::to_string(response->status) +
                (sentence ? ": " + *sentence : ""));
  }
  const auto answer = masque::parse_renew_answer(response->body);
  if (!answer) return tell(answer.error().message);
  const auto chain = read_chain(answer->certificate, options_.key_pin, options_.authority_pin);
  if (!chain) return tell(chain.error().message);
  if (chain->validity.not_after <= validity_.not_after) return tell("the new one lasts no longer");
  validity_ = chain->validity;
  log::info("the certificate was renewed, until {}", to_text(validity_.not_after));
  on_renewed_(*chain, now);
}

}  // namespace oneping::device
