#include "tunnel/stream_signature.h"

#include <algorithm>

namespace oneping::tunnel {

namespace {

bool begins_like(Bytes beginning, const StreamSignature& signature) {
  const std::size_t compared = std::min(beginning.size(), signature.size());
  return std::equal(beginning.begin(), beginning.begin() + static_cast<std::ptrdiff_t>(compared),
                    signature.begin());
}

}  // namespace

StreamKind stream_kind(Bytes beginning) {
  const bool rpc = begins_like(beginning, kRpcSignature);
  const bool data = begins_like(beginning, kDataSignature);
  if (!rpc && !data) return StreamKind::unknown;
  if (beginning.size() < kRpcSignature.size()) return StreamKind::undecided;
  return rpc ? StreamKind::rpc : StreamKind::data;
}

}  // namespace oneping::tunnel
