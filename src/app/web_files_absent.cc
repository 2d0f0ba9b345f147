#include "app/web_files.h"

namespace oneping {

std::span<const WebFile> web_files() { return {}; }

}  // namespace oneping
