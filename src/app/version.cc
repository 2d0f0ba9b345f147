#include "app/version.h"

namespace oneping {

const char* const kVersion = ONEPING_VERSION;

#if defined(__x86_64__)
const char* const kArchitecture = "linux_amd64";
#elif defined(__aarch64__)
const char* const kArchitecture = "linux_arm64";
#else
const char* const kArchitecture = "linux";
#endif

}  // namespace oneping
