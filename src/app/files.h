// Whole files: read with a bound, written so that a crash leaves the old file or the new one.
// Errors name the file and the system's reason. What root makes belongs to the owner of the folder
// that it is made in: root's commands work on the state of a service with a user of its own.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace oneping {

[[nodiscard]] Result<std::string> read_file(const std::string& path,
                                            std::size_t max_size = 1 << 20);

enum class Overwrite : bool { no, yes };

// Writes a temporary file beside `path`, syncs it, and gives it the name. With Overwrite::no it
// fails if the name is taken.
[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view contents,
                                      mode_t mode, Overwrite overwrite);

// Makes the folder and its parents; one that is there is left as it is.
[[nodiscard]] Result<void> make_folder(const std::string& path, mode_t mode);

[[nodiscard]] bool file_exists(const std::string& path);

}  // namespace oneping
