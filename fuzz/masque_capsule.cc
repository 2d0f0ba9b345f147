// Capsules in pieces, as the input's first byte cuts them: the reader finds the same in any pieces
// and stays within its bound; what parses is written back as it came.
#include <algorithm>
#include <cstdlib>

#include "masque/capsule.h"
#include "masque/ip_capsules.h"

using namespace oneping;
using namespace oneping::masque;

namespace {

using Octets = std::vector<std::uint8_t>;

struct Outcome {
  std::vector<std::pair<CapsuleType, Octets>> capsules;
  bool broken = false;
  bool at_boundary = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(Bytes stream, std::size_t piece) {
  CapsuleReader reader({.max_value = 512, .max_datagram = 64});
  Outcome outcome;
  while (!stream.empty() && !outcome.broken) {
    Bytes part = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(part.size());
    for (;;) {
      const auto capsule = reader.next(part);
      outcome.broken = !capsule;
      if (!capsule || !*capsule) break;
      const Bytes value = (*capsule)->value;
      if (value.size() > 512) std::abort();
      outcome.capsules.emplace_back((*capsule)->type, Octets(value.begin(), value.end()));
    }
  }
  outcome.at_boundary = !outcome.broken && reader.at_boundary();
  return outcome;
}

template <typename Parsed, typename Parse, typename Append>
void check_round_trip(const Parsed& parsed, Parse parse, Append append) {
  Octets capsule;
  append(capsule, *parsed);
  CapsuleReader reader({.max_value = 4096});
  Bytes bytes(capsule);
  const auto again = reader.next(bytes);
  if (!again || !*again) std::abort();
  const auto reparsed = parse((*again)->value);
  if (!reparsed || *reparsed != *parsed) std::abort();
}

void parse(CapsuleType type, Bytes value) {
  switch (type) {
    case CapsuleType::datagram: break;
    case CapsuleType::address_assign:
      if (const auto parsed = parse_address_assign(value)) {
        check_round_trip(parsed, parse_address_assign, append_address_assign);
      }
      break;
    case CapsuleType::address_request:
      if (const auto parsed = parse_address_request(value)) {
        check_round_trip(parsed, parse_address_request, append_address_request);
      }
      break;
    case CapsuleType::route_advertisement:
      if (const auto parsed = parse_route_advertisement(value)) {
        check_round_trip(parsed, parse_route_advertisement, append_route_advertisement);
        for (const Prefix& prefix : prefixes_of(*parsed)) {
          if (prefix.length() < 0 || prefix.length() > 128) std::abort();
        }
      }
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes stream(data + 1, size - 1);
  const Outcome whole = read(stream, stream.size() + 1);
  if (read(stream, 1 + data[0] % 32) != whole) std::abort();
  for (const auto& [type, value] : whole.capsules) parse(type, value);
  return 0;
}
