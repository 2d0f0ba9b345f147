// Every difference between ngtcp2 0.12 and 1.x that we meet, so that the rest is one source.
#pragma once

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace oneping::quic::compat {

// Before 0.15 ngtcp2 sets no timer for packets that carry datagrams and nothing else (RFC
// 9002, 6.2, wants one for all that the peer acknowledges).
inline constexpr bool kDatagramsArmTimer = NGTCP2_VERSION_NUM >= 0x000f00;

inline const std::uint8_t* text_bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

#if NGTCP2_VERSION_NUM < 0x010000

using CloseError = ngtcp2_connection_close_error;
using ConnectionInfo = ngtcp2_conn_stat;

inline CloseError library_error(int code) {
  CloseError error;
  ngtcp2_connection_close_error_set_transport_error_liberr(&error, code, nullptr, 0);
  return error;
}
inline CloseError tls_alert_error(std::uint8_t alert) {
  CloseError error;
  ngtcp2_connection_close_error_set_transport_error_tls_alert(&error, alert, nullptr, 0);
  return error;
}
inline CloseError transport_error(std::uint64_t code) {
  CloseError error;
  ngtcp2_connection_close_error_set_transport_error(&error, code, nullptr, 0);
  return error;
}
// `reason` must outlive the result.
inline CloseError application_error(std::uint64_t code, std::string_view reason) {
  CloseError error;
  ngtcp2_connection_close_error_set_application_error(&error, code, text_bytes(reason),
                                                      reason.size());
  return error;
}
inline bool is_application(const CloseError& error) {
  return error.type == NGTCP2_CONNECTION_CLOSE_ERROR_CODE_TYPE_APPLICATION;
}
inline CloseError error_of_peer(ngtcp2_conn* conn) {
  CloseError error;
  ngtcp2_conn_get_connection_close_error(conn, &error);
  return error;
}

inline ConnectionInfo connection_info(ngtcp2_conn* conn) {
  ConnectionInfo info;
  ngtcp2_conn_get_conn_stat(conn, &info);
  return info;
}

// How often in a row the peer has been silent for so long that it is to be probed (RFC 9002, 6.2).
inline std::size_t probe_timeouts(ngtcp2_conn* conn) { return connection_info(conn).pto_count; }

inline void set_original_dcid(ngtcp2_transport_params& params, const ngtcp2_cid& dcid) {
  params.original_dcid = dcid;
}

inline Bytes token_of(const ngtcp2_pkt_hd& header) { return {header.token.base, header.token.len}; }
// `token` must live until the connection is made.
inline void set_retry_token(ngtcp2_settings& settings, Bytes token) {
  settings.token = {const_cast<std::uint8_t*>(token.data()), token.size()};
}

inline void set_keep_alive(ngtcp2_conn* conn, Duration interval) {
  ngtcp2_conn_set_keep_alive_timeout(conn, static_cast<ngtcp2_duration>(interval.count()));
}

inline int shutdown_stream(ngtcp2_conn* conn, std::int64_t stream, std::uint64_t code) {
  return ngtcp2_conn_shutdown_stream(conn, stream, code);
}

inline constexpr std::uint32_t kEarlyDatagram = NGTCP2_DATAGRAM_FLAG_EARLY;
using CidStatus = int;

template <auto kHandler>
int path_validation(ngtcp2_conn*, std::uint32_t, const ngtcp2_path*,
                    ngtcp2_path_validation_result result, void* user) {
  return kHandler(result, user);
}

#else

using CloseError = ngtcp2_ccerr;
using ConnectionInfo = ngtcp2_conn_info;

inline CloseError library_error(int code) {
  CloseError error;
  ngtcp2_ccerr_set_liberr(&error, code, nullptr, 0);
  return error;
}
inline CloseError tls_alert_error(std::uint8_t alert) {
  CloseError error;
  ngtcp2_ccerr_set_tls_alert(&error, alert, nullptr, 0);
  return error;
}
inline CloseError transport_error(std::uint64_t code) {
  CloseError error;
  ngtcp2_ccerr_set_transport_error(&error, code, nullptr, 0);
  return error;
}
inline CloseError application_error(std::uint64_t code, std::string_view reason) {
  CloseError error;
  ngtcp2_ccerr_set_application_error(&error, code, text_bytes(reason), reason.size());
  return error;
}
inline bool is_application(const CloseError& error) {
  return error.type == NGTCP2_CCERR_TYPE_APPLICATION;
}
inline CloseError error_of_peer(ngtcp2_conn* conn) { return *ngtcp2_conn_get_ccerr(conn); }

inline ConnectionInfo connection_info(ngtcp2_conn* conn) {
  ConnectionInfo info;
  ngtcp2_conn_get_conn_info(conn, &info);
  return info;
}

inline std::size_t probe_timeouts(ngtcp2_conn*) { return 0; }  // it needs no help

inline void set_original_dcid(ngtcp2_transport_params& params, const ngtcp2_cid& dcid) {
  params.original_dcid = dcid;
  params.original_dcid_present = 1;
}

inline Bytes token_of(const ngtcp2_pkt_hd& header) { return {header.token, header.tokenlen}; }
inline void set_retry_token(ngtcp2_settings& settings, Bytes token) {
  settings.token = token.data();
  settings.tokenlen = token.size();
  settings.token_type = NGTCP2_TOKEN_TYPE_RETRY;
}

inline void set_keep_alive(ngtcp2_conn* conn, Duration interval) {
  ngtcp2_conn_set_keep_alive_timeout(
      conn, interval.count() == 0 ? UINT64_MAX : static_cast<ngtcp2_duration>(interval.count()));
}

inline int shutdown_stream(ngtcp2_conn* conn, std::int64_t stream, std::uint64_t code) {
  return ngtcp2_conn_shutdown_stream(conn, 0, stream, code);
}

inline constexpr std::uint32_t kEarlyDatagram = NGTCP2_DATAGRAM_FLAG_0RTT;
using CidStatus = ngtcp2_connection_id_status_type;

template <auto kHandler>
int path_validation(ngtcp2_conn*, std::uint32_t, const ngtcp2_path*, const ngtcp2_path*,
                    ngtcp2_path_validation_result result, void* user) {
  return kHandler(result, user);
}

#endif

}  // namespace oneping::quic::compat
