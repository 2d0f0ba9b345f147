// Any datagram is read within its bounds, in both formats; what is a packet frames back into what
// reads the same.
#include <algorithm>
#include <cstdlib>

#include "tunnel/datagram_format.h"

using oneping::Bytes;
using oneping::tunnel::DatagramVersion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static oneping::PacketPool pool;
  for (const auto version : {DatagramVersion::v2, DatagramVersion::v3}) {
    const auto packet = oneping::tunnel::ip_packet_of(version, Bytes(data, size));
    if (!packet) continue;
    auto framed = *pool.copy(*packet);
    oneping::tunnel::frame_ip_packet(version, framed);
    const auto again = oneping::tunnel::ip_packet_of(version, framed.bytes());
    if (!again || !std::ranges::equal(*again, *packet)) std::abort();
  }
  return 0;
}
