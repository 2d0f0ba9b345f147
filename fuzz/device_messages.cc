// The messages between device and edge, each by all readers: what one takes is written back and
// read again as the same.
#include <cstdlib>
#include <string_view>

#include "masque/device_messages.h"

using namespace oneping;
using namespace oneping::masque;

namespace {

template <typename Message>
void check(std::string_view json, Result<Message> (*parse)(std::string_view)) {
  const auto message = parse(json);
  if (!message) return;
  const std::string text = to_json(*message);
  const auto again = parse(text);
  if (!again || to_json(*again) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, parse_enrol_request);
  check(text, parse_enrol_answer);
  check(text, parse_renew_request);
  check(text, parse_renew_answer);
  check(text, parse_hops_answer);
  if (const auto error = parse_error(text)) {
    if (error->find('\x1b') != error->npos) std::abort();
  }
  if (const auto address = parse_hops_path(text)) {
    if (parse_hops_path(hops_path(*address)) != address) std::abort();
  }
  return 0;
}
