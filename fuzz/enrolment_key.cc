// The enrolment key: whatever is parsed is what is made of its parts.
#include "masque/enrolment_key.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto key = oneping::masque::parse_enrolment_key(text);
  if (!key) {
    if (key.error().message.empty()) std::abort();
    return 0;
  }
  const auto again = oneping::masque::make_enrolment_key(key->secret, key->authority_pin);
  if (again.text != key->text) std::abort();
  return 0;
}
