#include "app/transport_metrics.h"

namespace oneping {

namespace {
double count(std::uint64_t n) { return static_cast<double>(n); }
double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
}  // namespace

void add_endpoint(Metrics& metrics, const quic::EndpointStats& stats,
                  const Metrics::Labels& labels) {
  metrics.add_counter("oneping_quic_packets_received_total", "QUIC packets that came in.",
                      count(stats.udp_received), labels);
  metrics.add_counter("oneping_quic_packets_sent_total", "QUIC packets that were written.",
                      count(stats.udp_sent), labels);
  metrics.add_counter("oneping_quic_packets_ignored_total",
                      "UDP payloads that were no QUIC, or of no known connection.",
                      count(stats.udp_ignored), labels);
  metrics.add_counter("oneping_quic_handshakes_started_total", "Handshakes begun.",
                      count(stats.handshakes_started), labels);
  metrics.add_counter("oneping_quic_handshakes_failed_total", "Handshakes that came to nothing.",
                      count(stats.handshakes_failed), labels);
}

void add_socket(Metrics& metrics, const UdpSocketCounters& counters,
                const Metrics::Labels& labels) {
  const auto dropped = [&](const char* reason, std::uint64_t n) {
    auto with_reason = labels;
    with_reason.emplace_back("reason", reason);
    metrics.add_counter("oneping_udp_packets_dropped_total",
                        "UDP packets that the system did not take or we could not.", count(n),
                        with_reason);
  };
  dropped("would_block", counters.would_block);
  dropped("too_big", counters.too_big);
  dropped("send_failed", counters.send_failed);
  dropped("truncated", counters.truncated);
  metrics.add_counter("oneping_udp_calls_total", "System calls that moved UDP packets.",
                      count(counters.send_calls + counters.receive_calls), labels);
}

void add_tun(Metrics& metrics, const TunDevice& tun) {
  const auto dropped = [&](const char* reason, std::uint64_t n) {
    metrics.add_counter(
        "oneping_tun_packets_dropped_total",
        "Packets of the TUN device that the kernel's queue had no room for, or that "
        "no buffer was free for.",
        count(n), {{"reason", reason}});
  };
  dropped("queue_full", tun.dropped_in_queue());
  dropped("no_buffer", tun.dropped_no_buffer());
}

void add_connection(Metrics& metrics, const quic::Connection& connection,
                    const Metrics::Labels& labels) {
  const quic::ConnectionStats stats = connection.stats();
  metrics.add_gauge("oneping_connection_rtt_seconds", "Smoothed round trip of a tunnel connection.",
                    seconds(stats.smoothed_rtt), labels);
  metrics.add_gauge("oneping_connection_datagrams_lost",
                    "Datagrams sent on a tunnel connection that the peer never got.",
                    count(stats.datagrams_lost), labels);
  metrics.add_gauge("oneping_connection_path_mtu_bytes",
                    "Largest UDP payload that path MTU discovery has found.",
                    count(stats.path_max_udp_payload), labels);
  const StageCounters& datagrams = connection.datagram_counters();
  metrics.add_gauge("oneping_connection_datagrams", "Datagrams given to a tunnel connection.",
                    count(datagrams.in()), labels);
  metrics.add_gauge("oneping_connection_datagrams_dropped",
                    "Datagrams that waited too long or did not fit.", count(datagrams.dropped()),
                    labels);
}

}  // namespace oneping
