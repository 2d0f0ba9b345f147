// Reply buffers of Windows, however filled: what is read of one lies in it. The first byte has the
// family, two more the size of the request, the rest is the buffer; IPv4's pointer counts from its
// beginning, for nobody knows where that will be.
#include <algorithm>
#include <numeric>
#include <vector>

#include "fuzz/require.h"
#include "proxy/icmp_helper_reply.h"
#include "proxy/icmp_helper_status.h"

namespace {

using namespace oneping;

void make_pointer(std::uint8_t* p, const std::uint8_t* begin) {
  auto value = std::uint64_t{reinterpret_cast<std::uintptr_t>(begin)};
  for (int i = 0; i < 8; ++i) value += std::uint64_t{p[i]} << 8 * i;
  for (int i = 0; i < 8; ++i) p[i] = static_cast<std::uint8_t>(value >> 8 * i);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const IpFamily family = (data[0] & 1) != 0 ? IpFamily::v6 : IpFamily::v4;
  const std::size_t sent = load_be16(data + 1);
  // On the heap and no larger, so that a byte too many is seen.
  std::vector<std::uint8_t> buffer(icmp_reply_buffer_size(family, sent));
  std::copy_n(data + 3, std::min(size - 3, buffer.size()), buffer.begin());
  if (family == IpFamily::v4) make_pointer(&buffer[16], buffer.data());

  const IcmpHelperReply reply = read_icmp_helper_reply(family, buffer, sent);
  require(reply.source.is_unspecified() || reply.source.family() == family ||
          family == IpFamily::v6);  // an IPv4-mapped address is IPv4's
  if (reply.payload && !reply.payload->empty()) {
    require(reply.payload->data() >= buffer.data());
    require(reply.payload->data() + reply.payload->size() <= buffer.data() + buffer.size());
    static_cast<void>(std::accumulate(reply.payload->begin(), reply.payload->end(), 0u));
  }
  const IcmpStatusMeaning meaning = meaning_of_icmp_status(family, reply.status);
  require(meaning.kind == IcmpStatusMeaning::Kind::error ||
          (meaning.type == 0 && meaning.code == 0));
  return 0;
}
