#include "device/trouble.h"

#include <fmt/core.h>

namespace oneping::device {

namespace {

// TLS alerts (RFC 8446, 6) as QUIC's codes (RFC 9001, 4.8).
constexpr std::uint64_t alert(std::uint64_t number) { return 0x100 + number; }
constexpr std::uint64_t kBadCertificate = alert(42);
constexpr std::uint64_t kCertificateRevoked = alert(44);
constexpr std::uint64_t kCertificateExpired = alert(45);
constexpr std::uint64_t kCertificateUnknown = alert(46);
constexpr std::uint64_t kUnknownAuthority = alert(48);
constexpr std::uint64_t kNoApplicationProtocol = alert(120);

Problem too_early(const quic::Validity& ours, WallTime now) {
  return {Trouble::wrong_clock, "this host's clock says " + to_text(now) +
                                    ", which was before the device got its certificate (" +
                                    to_text(ours.not_before) + "): set the clock"};
}

// We do not trust the edge.
Problem distrust(const quic::CloseInfo& end, const std::optional<quic::Validity>& ours,
                 WallTime now) {
  if (end.code == kCertificateExpired) {
    if (ours && now < ours->not_before) return too_early(*ours, now);
    return {Trouble::wrong_clock, "the edge's certificate is not valid at " + to_text(now) +
                                      ", which is the time by this host's clock: is it right?"};
  }
  if (end.code == kNoApplicationProtocol) {
    return {Trouble::wrong_edge, "what answers there is no edge for devices: " + end.reason};
  }
  return {Trouble::wrong_edge,
          "this is not the edge that " +
              std::string(ours ? "the device was enrolled at" : "the enrolment key is for") + ": " +
              end.reason};
}

// The edge does not trust us.
Problem refusal(const quic::CloseInfo& end, const std::optional<quic::Validity>& ours,
                WallTime now) {
  switch (end.code) {
    case kCertificateExpired:
      if (!ours) break;
      if (now < ours->not_before) return too_early(*ours, now);
      if (now >= ours->not_after) {
        return {Trouble::certificate_expired, "the device's certificate expired on " +
                                                  to_text(ours->not_after) +
                                                  ": enroll the device again"};
      }
      return {Trouble::wrong_clock,
              "the edge says that the device's certificate is not valid now; by this host's "
              "clock (" +
                  to_text(now) + ") it is, until " + to_text(ours->not_after) +
                  ": one of the two clocks is wrong"};
    case kBadCertificate:
    case kCertificateRevoked:
    case kCertificateUnknown:
    case kUnknownAuthority:
      return {Trouble::refused, "the edge does not know the device's certificate (" + end.reason +
                                    "): enroll the device again"};
    case kNoApplicationProtocol:
      return {Trouble::wrong_edge, "what answers there is no edge for devices: " + end.reason};
    default: break;
  }
  return {Trouble::no_session, end.reason};
}

}  // namespace

std::string_view to_string(Trouble trouble) {
  switch (trouble) {
    case Trouble::name_not_found: return "name_not_found";
    case Trouble::no_route: return "no_route";
    case Trouble::no_answer: return "no_answer";
    case Trouble::wrong_edge: return "wrong_edge";
    case Trouble::wrong_clock: return "wrong_clock";
    case Trouble::certificate_expired: return "certificate_expired";
    case Trouble::refused: return "refused";
    case Trouble::no_session: return "no_session";
    case Trouble::silent: return "silent";
    case Trouble::restarted: return "restarted";
    case Trouble::closed: return "closed";
    case Trouble::broken: return "broken";
  }
  return "";
}

bool is_lasting(Trouble trouble) {
  using enum Trouble;
  return trouble == wrong_edge || trouble == certificate_expired || trouble == refused;
}

bool is_passing(Trouble trouble) {
  using enum Trouble;
  return trouble == silent || trouble == restarted || trouble == closed;
}

std::string to_text(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count());
}

Problem problem_of(const quic::CloseInfo& end, const std::optional<quic::Validity>& ours,
                   WallTime now) {
  switch (end.kind) {
    case quic::CloseKind::idle_timeout: return {Trouble::silent, "the edge has gone silent"};
    case quic::CloseKind::handshake_timeout:
      return {Trouble::no_answer, "the edge does not answer (is it up, does UDP get through?)"};
    case quic::CloseKind::refused: return refusal(end, ours, now);
    case quic::CloseKind::distrusted: return distrust(end, ours, now);
    case quic::CloseKind::peer: return {Trouble::closed, "the edge closed: " + end.reason};
    case quic::CloseKind::transport: return {Trouble::broken, end.reason};
    case quic::CloseKind::reset:
      return {Trouble::restarted, "the edge no longer knows the session (was it restarted?)"};
  }
  return {Trouble::broken, end.reason};
}

}  // namespace oneping::device
