#include "app/log_line.h"

#include <ctime>
#include <nlohmann/json.hpp>

namespace oneping {

namespace {

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[40];
  std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(milliseconds % 1000));
  return text;
}

std::string printable(std::string_view message) {
  std::string text;
  text.reserve(message.size());
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      text += c;
      continue;
    }
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
    text += escaped;
  }
  return text;
}

}  // namespace

std::string log_line(LogFormat format, std::chrono::system_clock::time_point time,
                     std::string_view level, std::string_view message) {
  switch (format) {
    case LogFormat::text:
      return rfc3339(time) + " " + std::string(level) + " " + printable(message) + "\n";
    case LogFormat::json: break;
  }
  const nlohmann::ordered_json line = {
      {"time", rfc3339(time)}, {"level", level}, {"message", message}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace oneping
