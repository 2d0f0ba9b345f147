// A device's enrolment: connects to the edge that the key's pin proves, hands over the key and a
// certificate request, and checks what comes back. The private key stays where it is.
//
// Timers: an attempt that is not answered ends after QUIC's handshake timeout, and another of the
// edge's addresses is tried; an edge that is busy is asked again; kPatience runs over all of it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/certificate_chain.h"
#include "device/dialer.h"
#include "masque/device_messages.h"
#include "masque/enrolment_key.h"
#include "masque/masque_client.h"

namespace oneping::device {

struct EnrolmentOptions {
  masque::EnrolmentKey key;
  std::string csr;   // PEM
  std::string name;  // what the device would like to be called; may be empty
  std::string edge;  // host and port
  std::function<WallTime()> wall_clock;
};

struct Enrolled {
  std::string device;
  std::int64_t id = 0;
  CertificateChain certificate;
  std::vector<Prefix> addresses;
};

class Enrolment final : private masque::MasqueClientEvents {
 public:
  static constexpr Duration kPatience = std::chrono::seconds(15);

  // The dialler must outlive it, and trusts no edge but the one with the key's pin.
  Enrolment(EnrolmentOptions options, Dialer& dialer);
  ~Enrolment() override;

  void start(Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const;

  // Nothing while it goes on.
  [[nodiscard]] const std::optional<Result<Enrolled>>& result() const { return result_; }

 private:
  void dial(Time now);
  void ask();
  void finish(Result<Enrolled> result);
  [[nodiscard]] Result<Enrolled> read(const masque::HttpResponse& response) const;

  // masque::MasqueClientEvents
  void on_ready(Time now) override;
  void on_response(masque::StreamId stream, std::optional<masque::HttpResponse> response,
                   Time now) override;
  void on_session_open(Time) override {}
  void on_session_changed(Time) override {}
  void on_packet(Bytes, Time) override {}
  void on_bad_datagram(DropReason, Time) override {}
  void on_session_closed(std::optional<int>, const std::string&, Time) override {}
  void on_goaway(Time) override {}
  void on_packet_size_changed(Time) override {}
  void on_path_changed(Time) override {}
  void on_closed(const quic::CloseInfo& info, Time now) override;

  const EnrolmentOptions options_;
  Dialer& dialer_;
  unsigned attempt_ = 0;
  Time end_ = kNever;
  Time dial_at_ = kNever;
  Time ask_at_ = kNever;  // again: the edge was busy
  std::string last_problem_;
  std::unique_ptr<masque::MasqueClient> client_;  // while it is connected
  std::unique_ptr<masque::MasqueClient> gone_;    // perhaps inside one of its events
  std::optional<Result<Enrolled>> result_;
};

}  // namespace oneping::device
