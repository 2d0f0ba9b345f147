#include "device/enrolment.h"

#include <algorithm>
#include <utility>

namespace oneping::device {

namespace {

constexpr Duration kBetweenAttempts = std::chrono::milliseconds(500);
constexpr Duration kBusy = std::chrono::seconds(1);

// What a refusal means, by what the edge says.
std::string refusal_text(const masque::HttpResponse& response) {
  const auto sentence = masque::parse_error(response.body);
  return "the edge refused the enrolment (status " + std::to_string(response.status) + ")" +
         (sentence ? ": " + *sentence : "");
}

// For now (RFC 6585, 4; RFC 9110, 15.6.4).
bool is_busy(const masque::HttpResponse& response) {
  return response.status == 429 || response.status == 503;
}

// Whether another of the edge's addresses may do better.
bool may_try_another(Trouble trouble) {
  using enum Trouble;
  return trouble == no_answer || trouble == no_route || trouble == name_not_found;
}

}  // namespace

Enrolment::Enrolment(EnrolmentOptions options, Dialer& dialer)
    : options_(std::move(options)), dialer_(dialer) {}

Enrolment::~Enrolment() {
  if (client_) client_->close(masque::H3Error::no_error, "");
}

void Enrolment::start(Time now) {
  end_ = now + kPatience;
  dial(now);
}

void Enrolment::on_time(Time now) {
  gone_.reset();
  if (result_) return;
  if (now >= end_) {
    finish(fail(last_problem_.empty() ? "the edge does not answer the enrolment" : last_problem_));
  } else if (now >= dial_at_) {
    dial(now);
  } else if (now >= ask_at_) {
    ask();
  }
}

Time Enrolment::next_deadline() const {
  return result_ ? kNever : std::min({end_, dial_at_, ask_at_});
}

void Enrolment::dial(Time now) {
  dial_at_ = kNever;
  client_ = std::make_unique<masque::MasqueClient>(masque::MasqueClientOptions{},
                                                   static_cast<masque::MasqueClientEvents&>(*this));
  const auto dialled = dialer_.dial(attempt_++, client_->quic_events(), now);
  if (dialled) return client_->attach(**dialled);
  client_.reset();
  last_problem_ = dialled.error().text;
  if (!may_try_another(dialled.error().trouble)) return finish(fail(last_problem_));
  dial_at_ = now + kBetweenAttempts;
}

void Enrolment::on_ready(Time) { ask(); }

void Enrolment::ask() {
  ask_at_ = kNever;
  const masque::EnrolRequest message{options_.key.text, options_.csr, options_.name};
  const auto asked = client_->request({.method = "POST",
                                       .authority = options_.edge,
                                       .path = std::string(masque::kEnrolPath),
                                       .fields = {{"content-type", "application/json"}},
                                       .body = to_json(message)});
  if (!asked) finish(tl::make_unexpected(asked.error()));
}

void Enrolment::on_response(masque::StreamId, std::optional<masque::HttpResponse> response,
                            Time now) {
  if (!response) return finish(fail("the edge broke the enrolment off"));
  if (is_busy(*response)) {
    last_problem_ = refusal_text(*response);
    ask_at_ = now + kBusy;
    return;
  }
  if (!response->is_success()) return finish(fail(refusal_text(*response)));
  finish(read(*response));
}

Result<Enrolled> Enrolment::read(const masque::HttpResponse& response) const {
  const auto answer = masque::parse_enrol_answer(response.body);
  if (!answer) return fail("reading the edge's answer", answer.error());
  const auto ours = quic::csr_key_pin(options_.csr);
  if (!ours) return tl::make_unexpected(ours.error());
  auto chain = read_chain(answer->certificate, *ours, options_.key.authority_pin);
  if (!chain) return tl::make_unexpected(chain.error());
  return Enrolled{answer->device, answer->id, std::move(*chain), answer->addresses};
}

void Enrolment::on_closed(const quic::CloseInfo& info, Time now) {
  gone_ = std::move(client_);
  ask_at_ = kNever;
  if (result_) return;
  const Problem problem = problem_of(info, std::nullopt, options_.wall_clock());
  last_problem_ = problem.text;
  if (!may_try_another(problem.trouble)) return finish(fail(problem.text));
  dial_at_ = now + kBetweenAttempts;
}

void Enrolment::finish(Result<Enrolled> result) {
  if (!result_) result_ = std::move(result);
  if (!client_) return;
  client_->close(masque::H3Error::no_error, "");
  gone_ = std::move(client_);
}

}  // namespace oneping::device
