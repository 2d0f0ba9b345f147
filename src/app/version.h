// This program's version, as `oneping version` tells it and connectors register it.
#pragma once

namespace oneping {

extern const char* const kVersion;
extern const char* const kArchitecture;  // "linux_amd64" and the like

}  // namespace oneping
