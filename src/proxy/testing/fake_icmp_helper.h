// The ICMP helper functions with a network that is the test's to play, and a host with addresses.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "proxy/host_network.h"
#include "proxy/icmp_helper.h"
#include "proxy/icmp_helper_reply.h"

namespace oneping::testing_support {

inline void store_le(std::uint8_t* p, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i, value >>= 8) p[i] = static_cast<std::uint8_t>(value);
}

struct HelperAnswer {
  std::uint32_t status = 0;
  IpAddress source;
  std::vector<std::uint8_t> payload = {};
  std::uint8_t hop_limit = 61;
  std::uint8_t traffic_class = 0;
};

// As the system writes it; the data of IPv4 begins behind the record.
inline void write_helper_answer(IpFamily family, const HelperAnswer& answer, MutableBytes buffer) {
  const bool v4 = family == IpFamily::v4;
  const std::size_t data = v4 ? kIcmpReplySizeV4 : kIcmpReplySizeV6;
  const Bytes source = answer.source.network_bytes();
  // Nobody is all zeros in either family.
  const bool nobody = answer.source.is_unspecified();
  if (!nobody) std::ranges::copy(source, buffer.begin() + (v4 ? 0 : 6));
  store_le(&buffer[v4 ? 4 : 28], answer.status, 4);
  std::ranges::copy(answer.payload, buffer.begin() + static_cast<std::ptrdiff_t>(data));
  if (!v4) return;
  store_le(&buffer[12], answer.payload.size(), 2);
  store_le(&buffer[16], reinterpret_cast<std::uintptr_t>(buffer.data() + data), 8);
  buffer[24] = answer.hop_limit;
  buffer[25] = answer.traffic_class;
}

class FakeIcmpHelper final : public IcmpHelper {
 public:
  struct Pending {
    IcmpHelperRequest request;
    IcmpCompletion* completion;
  };

  std::uint32_t open(IpFamily family) override {
    const auto error = open_errors.find(family);
    if (error != open_errors.end()) return error->second;
    is_open[index(family)] = true;
    return 0;
  }
  std::uint32_t send(const IcmpHelperRequest& request, IcmpCompletion& completion) override {
    if (!is_open[index(request.destination.family())]) return 6;  // ERROR_INVALID_HANDLE
    if (refuse_with) return *refuse_with;
    pending.push_back({request, &completion});
    return kPending;
  }
  std::uint32_t parse(IpFamily, MutableBytes) override { return parse_error; }
  void close(IpFamily family) override { is_open[index(family)] = false; }

  // The n-th request that is out ends so.
  void finish(std::size_t n, const HelperAnswer& answer) {
    const Pending ended = pending.at(n);
    pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(n));
    write_helper_answer(ended.request.destination.family(), answer, ended.request.reply);
    ended.completion->on_completed();
  }

  std::map<IpFamily, std::uint32_t> open_errors;
  std::array<bool, 2> is_open{};
  std::optional<std::uint32_t> refuse_with;
  std::uint32_t parse_error = 0;
  std::vector<Pending> pending;

 private:
  static std::size_t index(IpFamily family) { return static_cast<std::size_t>(family); }
};

class FakeHost final : public HostNetwork {
 public:
  bool is_own(const IpAddress& address) const override { return own.contains(address); }
  bool is_broadcast(const IpAddress& address) const override {
    return broadcasts.contains(address);
  }
  std::optional<IpAddress> source_for(const IpAddress&) const override { return source; }
  std::set<IpAddress> own;
  std::set<IpAddress> broadcasts;
  std::optional<IpAddress> source;
};

}  // namespace oneping::testing_support
