// The tunnel token: whatever is parsed must be made and parsed again to the same.
#include "tunnel/token.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto token = oneping::tunnel::parse_token(text);
  if (!token) {
    if (token.error().message.empty()) std::abort();
    return 0;
  }
  const auto again = oneping::tunnel::parse_token(oneping::tunnel::make_token(*token));
  if (!again || again->account != token->account || again->tunnel_id != token->tunnel_id ||
      again->secret != token->secret || again->edge_pin != token->edge_pin) {
    std::abort();
  }
  return 0;
}
