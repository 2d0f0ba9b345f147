// Names of addresses, which come later than they are asked for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "wire/ip_address.h"

namespace oneping::probe {

// Looks names up. The answer is a later call of Tool::on_name, also if there is none.
class NameSource {
 public:
  virtual ~NameSource() = default;
  virtual void ask(const IpAddress& address) = 0;
};

enum class Naming : std::uint8_t { names, numeric };

// The names that a tool has asked for. Each address is asked for once; beyond kMaxNames addresses
// none is asked for any more, and they count as having no name.
class NameBook {
 public:
  static constexpr std::size_t kMaxNames = 4096;

  // `source` must outlive the book.
  NameBook(NameSource& source, Naming naming) : source_(source), naming_(naming) {}

  // The name; empty if it has none or names are not wanted; nothing while we wait for it.
  [[nodiscard]] std::optional<std::string_view> find(const IpAddress& address);

  // Names come from whoever runs the address: bytes that a terminal might obey are replaced.
  void on_name(const IpAddress& address, std::string_view name);

  // From now on, what is not known has no name.
  void stop_waiting() { waits_ = false; }

  // Changes what find() gives; what is known stays known.
  void set_naming(Naming naming) { naming_ = naming; }
  [[nodiscard]] Naming naming() const { return naming_; }

 private:
  NameSource& source_;
  Naming naming_;
  bool waits_ = true;
  std::map<IpAddress, std::optional<std::string>> names_;
};

}  // namespace oneping::probe
