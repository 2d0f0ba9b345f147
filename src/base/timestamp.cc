#include "base/timestamp.h"

#include <cstdio>

namespace oneping {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

// What is left of a text that is read from the left. A part that is not there makes it bad, and it
// stays so.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool is_good() const { return good_; }

  int digits(std::size_t count) {
    int value = 0;
    for (; count > 0; --count) value = value * 10 + digit();
    return value;
  }
  bool take(char wanted) {
    if (rest_.empty() || rest_[0] != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_either(char one, char other) { return take(one) || take(other); }
  void require(bool there) { good_ = good_ && there; }
  [[nodiscard]] bool sees_digit() const {
    return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
  }

 private:
  int digit() {
    require(sees_digit());
    if (!good_) return 0;
    const int value = rest_[0] - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool good_ = true;
};

sys_days read_date(Reader& in) {
  const std::chrono::year year(in.digits(4));
  in.require(in.take('-'));
  const std::chrono::month month(static_cast<unsigned>(in.digits(2)));
  in.require(in.take('-'));
  const std::chrono::day day(static_cast<unsigned>(in.digits(2)));
  const auto date = year / month / day;
  in.require(date.ok());
  return date.ok() ? sys_days(date) : sys_days();
}

// ".5" is half a second.
milliseconds read_fraction(Reader& in) {
  if (!in.take('.')) return {};
  constexpr int kMaxDigits = 9;
  int count = 0;
  int value = 0;
  for (; in.sees_digit() && count < kMaxDigits; ++count) {
    const int digit = in.digits(1);
    if (count < 3) value = value * 10 + digit;
  }
  in.require(count > 0);
  for (; count < 3; ++count) value *= 10;
  return milliseconds(value);
}

milliseconds read_time(Reader& in) {
  const int hour = in.digits(2);
  in.require(in.take(':'));
  const int minute = in.digits(2);
  in.require(in.take(':'));
  const int second = in.digits(2);
  in.require(hour <= 23 && minute <= 59 && second <= 59);
  return std::chrono::hours(hour) + minutes(minute) + seconds(second) + read_fraction(in);
}

minutes read_offset(Reader& in) {
  if (in.take_either('Z', 'z')) return {};
  const bool is_west = in.take('-');
  in.require(is_west || in.take('+'));
  const int hour = in.digits(2);
  in.require(in.take(':'));
  const int minute = in.digits(2);
  in.require(hour <= 23 && minute <= 59);
  return (is_west ? -1 : 1) * minutes(hour * 60 + minute);
}

}  // namespace

std::string timestamp_text(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Reader in(text);
  const sys_days date = read_date(in);
  in.require(in.take_either('T', 't'));
  const milliseconds time = read_time(in);
  const minutes offset = read_offset(in);
  if (!in.is_good() || !in.at_end()) return std::nullopt;
  const Timestamp moment = date + time - offset;
  if (moment < kFirstTimestamp || moment > kLastTimestamp) return std::nullopt;
  return moment;
}

}  // namespace oneping
