// "Did you mean": the known word that is most like a mistyped one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oneping {

// By edit distance, of which a third of the word's length, rounded up, is forgiven. Nothing if no
// word is that near.
[[nodiscard]] std::optional<std::string> nearest_word(std::string_view word,
                                                      const std::vector<std::string>& known);

}  // namespace oneping
