#include "tunnel/registration_codec.h"

#include <algorithm>

namespace oneping::tunnel {

namespace {

constexpr std::size_t kMaxSecretSize = 256;
constexpr unsigned kMaxFeatures = 64;
constexpr std::size_t kMaxCauseSize = 512;
constexpr Duration kMaxRetryAfter = std::chrono::hours(1);

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

// A name that can be logged and compared; nothing if it is too long or not printable.
std::optional<std::string> name_of(kj::StringPtr text) {
  if (text.size() > kMaxNameSize || !std::all_of(text.begin(), text.end(), is_printable)) {
    return std::nullopt;
  }
  return std::string(text.begin(), text.size());
}

std::optional<Uuid> uuid_of(kj::ArrayPtr<const kj::byte> data) {
  Uuid uuid{};
  if (data.size() != uuid.size()) return std::nullopt;
  std::copy(data.begin(), data.end(), uuid.begin());
  return uuid;
}

kj::ArrayPtr<const kj::byte> data_of(const Uuid& uuid) { return {uuid.data(), uuid.size()}; }

RegistrationRefused senseless_answer(const char* what) {
  return {.cause = std::string("the edge's answer has ") + what, .should_retry = true};
}

RegistrationAnswer read_details(schema::ConnectionDetails::Reader details) {
  const auto uuid = uuid_of(details.getUuid());
  if (!uuid) return senseless_answer("no connection id of 16 bytes");
  return RegistrationAccepted{.connection_id = *uuid,
                              .location = printable(details.getLocationName(), kMaxNameSize),
                              .remotely_managed = details.getTunnelIsRemotelyManaged()};
}

RegistrationAnswer read_error(schema::ConnectionError::Reader error) {
  return RegistrationRefused{
      .cause = printable(error.getCause(), kMaxCauseSize),
      .should_retry = error.getShouldRetry(),
      .retry_after = std::clamp(Duration(error.getRetryAfter()), Duration::zero(), kMaxRetryAfter)};
}

}  // namespace

Result<Registration> read_registration(RegisterConnectionParams::Reader params) {
  const auto auth = params.getAuth();
  const auto options = params.getOptions();
  const auto client = options.getClient();

  const auto account_tag = name_of(auth.getAccountTag());
  if (!account_tag) return fail("account tag too long or not printable");
  const auto secret = auth.getTunnelSecret();
  if (secret.size() > kMaxSecretSize) return fail("tunnel secret too long");
  const auto tunnel_id = uuid_of(params.getTunnelId());
  if (!tunnel_id) return fail("tunnel id is not 16 bytes");
  if (params.getConnIndex() > kMaxConnectionIndex) return fail("connection index over 15");
  const auto connector_id = uuid_of(client.getClientId());
  if (!connector_id) return fail("connector id is not 16 bytes");
  const auto version = name_of(client.getVersion());
  const auto arch = name_of(client.getArch());
  if (!version || !arch) return fail("version or architecture too long or not printable");

  Registration registration{.account_tag = *account_tag,
                            .tunnel_secret = {secret.begin(), secret.end()},
                            .tunnel_id = *tunnel_id,
                            .connection_index = params.getConnIndex(),
                            .connector_id = *connector_id,
                            .features = {},
                            .version = *version,
                            .arch = *arch,
                            .replace_existing = options.getReplaceExisting(),
                            .previous_attempts = options.getNumPreviousAttempts()};
  if (client.getFeatures().size() > kMaxFeatures) return fail("more than 64 features");
  for (const auto feature : client.getFeatures()) {
    const auto name = name_of(feature);
    if (!name) return fail("a feature's name is too long or not printable");
    registration.features.push_back(*name);
  }
  return registration;
}

void write_registration(const Registration& registration,
                        RegisterConnectionParams::Builder params) {
  auto auth = params.initAuth();
  auth.setAccountTag(registration.account_tag.c_str());
  auth.setTunnelSecret({registration.tunnel_secret.data(), registration.tunnel_secret.size()});
  params.setTunnelId(data_of(registration.tunnel_id));
  params.setConnIndex(registration.connection_index);
  auto options = params.initOptions();
  options.setReplaceExisting(registration.replace_existing);
  options.setNumPreviousAttempts(registration.previous_attempts);
  auto client = options.initClient();
  client.setClientId(data_of(registration.connector_id));
  client.setVersion(registration.version.c_str());
  client.setArch(registration.arch.c_str());
  auto features = client.initFeatures(static_cast<unsigned>(registration.features.size()));
  for (unsigned i = 0; i < features.size(); ++i) {
    features.set(i, registration.features[i].c_str());
  }
}

RegistrationAnswer read_answer(schema::ConnectionResponse::Reader response) {
  const auto result = response.getResult();
  if (result.isConnectionDetails()) return read_details(result.getConnectionDetails());
  if (result.isError()) return read_error(result.getError());
  return senseless_answer("an unknown form");
}

void write_answer(const RegistrationAnswer& answer, schema::ConnectionResponse::Builder response) {
  auto result = response.initResult();
  if (const auto* accepted = std::get_if<RegistrationAccepted>(&answer)) {
    auto details = result.initConnectionDetails();
    details.setUuid(data_of(accepted->connection_id));
    details.setLocationName(accepted->location.c_str());
    details.setTunnelIsRemotelyManaged(accepted->remotely_managed);
  } else if (const auto* refused = std::get_if<RegistrationRefused>(&answer)) {
    auto error = result.initError();
    error.setCause(refused->cause.c_str());
    error.setShouldRetry(refused->should_retry);
    error.setRetryAfter(refused->retry_after.count());
  }
}

std::string printable(kj::StringPtr text, std::size_t max_size) {
  std::string result(text.begin(), std::min(text.size(), max_size));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return !is_printable(c); }, '?');
  return result;
}

}  // namespace oneping::tunnel
