// How the types of the model stand in SQLite's columns: write() gives one to a statement's next
// parameter, read() takes one from a row's next column. What a column cannot hold, or holds and is
// no such value, is refused by the statement, both ways by the same rule: what was written can be
// read.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <utility>

#include "control/model.h"
#include "control/sqlite_database.h"

namespace oneping::control {

// UTF-8.
void write(SqliteStatement& to, const std::string& text);
void read(SqliteStatement& from, std::string& text);
// Milliseconds since 1970.
void write(SqliteStatement& to, Timestamp time);
void read(SqliteStatement& from, Timestamp& time);
// Their usual text.
void write(SqliteStatement& to, const IpAddress& address);
void read(SqliteStatement& from, IpAddress& address);
void write(SqliteStatement& to, const Prefix& prefix);
void read(SqliteStatement& from, Prefix& prefix);
// The bytes.
void write(SqliteStatement& to, const Uuid& uuid);
void read(SqliteStatement& from, Uuid& uuid);
void write(SqliteStatement& to, const SecretHash& hash);
void read(SqliteStatement& from, SecretHash& hash);
// A word.
void write(SqliteStatement& to, Verdict verdict);
void read(SqliteStatement& from, Verdict& verdict);
void write(SqliteStatement& to, Protocol protocol);
void read(SqliteStatement& from, Protocol& protocol);
void write(SqliteStatement& to, tunnel::PathMode mode);
void read(SqliteStatement& from, tunnel::PathMode& mode);
void write(SqliteStatement& to, DeviceKind kind);
void read(SqliteStatement& from, DeviceKind& kind);
void write(SqliteStatement& to, Role role);
void read(SqliteStatement& from, Role& role);
// 0 or 1.
void write(SqliteStatement& to, bool value);
void read(SqliteStatement& from, bool& value);

template <typename Int>
concept Integer = std::integral<Int> && !std::same_as<Int, bool>;

void write(SqliteStatement& to, Integer auto value) {
  to.bind(static_cast<std::int64_t>(value));
  if (!std::in_range<std::int64_t>(value)) to.refuse("is too large");
}

template <Integer Int>
void read(SqliteStatement& from, Int& value) {
  const std::int64_t found = from.integer();
  value = static_cast<Int>(found);
  if (!std::in_range<Int>(found)) from.refuse("is out of range");
}

// Nothing is NULL.
template <typename Value>
void write(SqliteStatement& to, const std::optional<Value>& value) {
  if (value) {
    write(to, *value);
  } else {
    to.bind(nullptr);
  }
}

template <typename Value>
void read(SqliteStatement& from, std::optional<Value>& value) {
  value.reset();
  if (!from.pass_null()) read(from, value.emplace());
}

}  // namespace oneping::control
