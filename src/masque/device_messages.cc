#include "masque/device_messages.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace oneping::masque {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxListed = 64;  // entries of one list
constexpr double kMaxMilliseconds = 3'600'000;

// Reads the fields of one object; after the first that is wrong nothing is read any more.
class Reader {
 public:
  explicit Reader(std::string_view text) : object_(Json::parse(text, nullptr, false)) {
    if (!object_.is_object()) fault_ = "it is no JSON object";
  }
  explicit Reader(Json object) : object_(std::move(object)) {
    if (!object_.is_object()) fault_ = "an entry is no JSON object";
  }

  enum class Use : std::uint8_t { required, optional };

  void read(const char* name, std::string& text, Use use = Use::required) {
    const Json* field = find(name, use);
    if (field == nullptr) return;
    if (!field->is_string() || field->get_ref<const std::string&>().size() > kMaxMessageText) {
      return blame(name, "is no text, or too long");
    }
    text = field->get<std::string>();
  }
  void read(const char* name, std::int64_t& number) {
    const Json* field = find(name, Use::required);
    if (field == nullptr) return;
    if (!field->is_number_integer()) return blame(name, "is no whole number");
    number = field->get<std::int64_t>();
  }
  void read_milliseconds(const char* name, std::optional<Duration>& duration) {
    const Json* field = find(name, Use::optional);
    if (field == nullptr) return;
    const double value = field->is_number() ? field->get<double>() : -1;
    if (!(value >= 0 && value <= kMaxMilliseconds)) return blame(name, "is no time");
    duration = Duration(std::llround(value * 1e6));
  }
  template <typename Read>
  void read_list(const char* name, Use use, Read read_entry) {
    const Json* field = find(name, use);
    if (field == nullptr) return;
    if (!field->is_array() || field->size() > kMaxListed) {
      return blame(name, "is no list, or too long");
    }
    for (const Json& entry : *field) {
      if (!read_entry(entry)) return blame(name, "has an entry that is none");
    }
  }

  [[nodiscard]] bool is_sound() const { return fault_.empty(); }
  // What has been read into, if all of it was sound.
  template <typename Message>
  [[nodiscard]] Result<Message> finish(Message message) const {
    if (!fault_.empty()) return fail("the message is malformed: " + fault_);
    return message;
  }

 private:
  const Json* find(const char* name, Use use) {
    if (!fault_.empty()) return nullptr;
    const auto found = object_.find(name);
    if (found != object_.end() && !found->is_null()) return &*found;
    if (use == Use::required) blame(name, "is missing");
    return nullptr;
  }
  void blame(const char* name, const char* why) { fault_ = '"' + std::string(name) + "\" " + why; }

  const Json object_;
  std::string fault_;
};

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <typename Address>
std::vector<std::string> texts_of(const std::vector<Address>& addresses) {
  std::vector<std::string> texts;
  for (const Address& address : addresses) texts.push_back(address.to_string());
  return texts;
}

// An entry of a list of addresses or prefixes.
template <typename Address>
bool append_parsed(std::vector<Address>& to, const Json& entry) {
  const auto parsed =
      entry.is_string() ? Address::parse(entry.get_ref<const std::string&>()) : std::nullopt;
  if (parsed) to.push_back(*parsed);
  return parsed.has_value();
}

std::optional<HopsAnswer::Hop> read_hop(const Json& entry) {
  HopsAnswer::Hop hop;
  Reader reader(entry);
  reader.read("role", hop.role);
  reader.read_list("addresses", Reader::Use::optional,
                   [&](const Json& address) { return append_parsed(hop.addresses, address); });
  reader.read_milliseconds("rtt_ms", hop.rtt);
  if (!reader.is_sound()) return std::nullopt;
  return hop;
}

}  // namespace

std::string to_json(const EnrolRequest& message) {
  Json json{{"key", message.key}, {"csr", message.csr}};
  if (!message.name.empty()) json["name"] = message.name;
  return text_of(json);
}

Result<EnrolRequest> parse_enrol_request(std::string_view json) {
  EnrolRequest message;
  Reader reader(json);
  reader.read("key", message.key);
  reader.read("csr", message.csr);
  reader.read("name", message.name, Reader::Use::optional);
  return reader.finish(std::move(message));
}

std::string to_json(const EnrolAnswer& message) {
  return text_of({{"device", message.device},
                  {"id", message.id},
                  {"certificate", message.certificate},
                  {"addresses", texts_of(message.addresses)}});
}

Result<EnrolAnswer> parse_enrol_answer(std::string_view json) {
  EnrolAnswer message;
  Reader reader(json);
  reader.read("device", message.device);
  reader.read("id", message.id);
  reader.read("certificate", message.certificate);
  reader.read_list("addresses", Reader::Use::required,
                   [&](const Json& entry) { return append_parsed(message.addresses, entry); });
  return reader.finish(std::move(message));
}

std::string to_json(const RenewRequest& message) { return text_of({{"csr", message.csr}}); }

Result<RenewRequest> parse_renew_request(std::string_view json) {
  RenewRequest message;
  Reader reader(json);
  reader.read("csr", message.csr);
  return reader.finish(std::move(message));
}

std::string to_json(const RenewAnswer& message) {
  return text_of({{"certificate", message.certificate}});
}

Result<RenewAnswer> parse_renew_answer(std::string_view json) {
  RenewAnswer message;
  Reader reader(json);
  reader.read("certificate", message.certificate);
  return reader.finish(std::move(message));
}

std::string to_json(const HopsAnswer& message) {
  Json json{{"hops", Json::array()}, {"tunnel", nullptr}, {"status", message.status}};
  if (message.tunnel) json["tunnel"] = *message.tunnel;
  for (const HopsAnswer::Hop& hop : message.hops) {
    Json entry{{"role", hop.role}, {"addresses", texts_of(hop.addresses)}};
    if (hop.rtt) entry["rtt_ms"] = std::chrono::duration<double, std::milli>(*hop.rtt).count();
    json["hops"].push_back(std::move(entry));
  }
  return text_of(json);
}

Result<HopsAnswer> parse_hops_answer(std::string_view json) {
  HopsAnswer message;
  std::string tunnel;
  Reader reader(json);
  reader.read_list("hops", Reader::Use::required, [&](const Json& entry) {
    const auto hop = read_hop(entry);
    if (hop) message.hops.push_back(*hop);
    return hop.has_value();
  });
  reader.read("tunnel", tunnel, Reader::Use::optional);
  reader.read("status", message.status, Reader::Use::optional);
  if (!tunnel.empty()) message.tunnel = tunnel;
  return reader.finish(std::move(message));
}

std::string error_json(std::string_view sentence) { return text_of({{"error", sentence}}); }

std::optional<std::string> parse_error(std::string_view json) {
  std::string sentence;
  Reader reader(json);
  reader.read("error", sentence);
  if (!reader.is_sound() || sentence.empty()) return std::nullopt;
  std::ranges::replace_if(
      sentence, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return sentence;
}

std::string hops_path(const IpAddress& to) {
  return std::string(kHopsPath) + "?to=" + to.to_string();
}

std::optional<IpAddress> parse_hops_path(std::string_view path) {
  const std::string beginning = std::string(kHopsPath) + "?to=";
  if (!path.starts_with(beginning)) return std::nullopt;
  return IpAddress::parse(path.substr(beginning.size()));
}

}  // namespace oneping::masque
