#include "quic/close_reason.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "quic/tls_session.h"

namespace oneping::quic {

namespace {

constexpr std::uint64_t kFirstCryptoError = 0x100;  // RFC 9000, 20.1: plus the TLS alert
constexpr std::uint64_t kLastCryptoError = 0x1ff;
constexpr std::size_t kMaxReason = 256;

// RFC 9000, 20.1.
constexpr std::array<std::string_view, 17> kTransportErrors = {"no error",
                                                               "internal error",
                                                               "connection refused",
                                                               "flow control error",
                                                               "stream limit error",
                                                               "stream state error",
                                                               "final size error",
                                                               "frame encoding error",
                                                               "transport parameter error",
                                                               "connection id limit error",
                                                               "protocol violation",
                                                               "invalid token",
                                                               "application error",
                                                               "crypto buffer exceeded",
                                                               "key update error",
                                                               "AEAD limit reached",
                                                               "no viable path"};

bool is_crypto_error(std::uint64_t code) {
  return code >= kFirstCryptoError && code <= kLastCryptoError;
}

std::string describe_transport_error(std::uint64_t code) {
  if (is_crypto_error(code)) {
    return describe_alert(static_cast<unsigned>(code - kFirstCryptoError));
  }
  if (code < kTransportErrors.size()) return std::string(kTransportErrors[code]);
  return "error " + std::to_string(code);
}

// The peer's own words, made fit for a log line.
std::string quoted(const compat::CloseError& error) {
  if (error.reasonlen == 0) return {};
  const std::size_t size = std::min(error.reasonlen, kMaxReason);
  std::string text(reinterpret_cast<const char*>(error.reason), size);
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return ": \"" + text + '"';
}

std::string describe(Duration duration) {
  using namespace std::chrono;
  if (duration % seconds(1) == Duration::zero()) {
    return std::to_string(duration_cast<seconds>(duration).count()) + " s";
  }
  return std::to_string(duration_cast<milliseconds>(duration).count()) + " ms";
}

}  // namespace

CloseInfo silent_peer(Duration timeout, bool ready) {
  if (ready) {
    return {CloseKind::idle_timeout, 0, "no QUIC packet from the peer for " + describe(timeout)};
  }
  return {
      CloseKind::handshake_timeout, 0,
      "the QUIC handshake was not done after " + describe(timeout) + " (does UDP pass both ways?)"};
}

CloseInfo closed_by_peer(const compat::CloseError& error, bool ready) {
  if (compat::is_application(error)) {
    return {CloseKind::peer, error.error_code,
            "the peer closed with code " + std::to_string(error.error_code) + quoted(error)};
  }
  const std::string what = describe_transport_error(error.error_code);
  const bool refused = !ready || is_crypto_error(error.error_code);
  return {refused ? CloseKind::refused : CloseKind::transport, error.error_code,
          (refused ? "the peer refused us: " : "the peer closed: ") + what + quoted(error)};
}

CloseInfo stateless_reset() {
  return {CloseKind::reset, 0, "the peer no longer knows the connection (was it restarted?)"};
}

CloseInfo refused_by_us(unsigned alert, const std::string& why) {
  return {CloseKind::distrusted, kFirstCryptoError + alert,
          why.empty() ? describe_alert(alert) : why};
}

CloseInfo broken(int library_error, bool ready) {
  if (library_error == NGTCP2_ERR_RECV_VERSION_NEGOTIATION) {
    return {CloseKind::refused, 0, "the peer does not speak QUIC version 1"};
  }
  const std::uint64_t code = compat::library_error(library_error).error_code;
  return {ready ? CloseKind::transport : CloseKind::refused, code,
          describe_transport_error(code) + " (" + ngtcp2_strerror(library_error) + ")"};
}

}  // namespace oneping::quic
