// The edge's configuration file: options or an error that names the file, never an exception.
#include <cstdlib>

#include "app/edge_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto options = oneping::parse_edge_options(text, "fuzz.yml");
  if (!options && !options.error().message.starts_with("fuzz.yml")) std::abort();
  if (options && (options->listen.empty() || options->server_names.empty())) std::abort();
  return 0;
}
