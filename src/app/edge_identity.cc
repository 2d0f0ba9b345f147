#include "app/edge_identity.h"

#include <algorithm>
#include <cstdio>

#include "app/files.h"
#include "io/system_error.h"
#include "quic/device_certificate.h"
#include "quic/server_certificate.h"
#include "quic/tls.h"

namespace oneping {

namespace {

struct IdentityFile {
  const char* name;
  mode_t mode;
};
constexpr IdentityFile kFiles[] = {{"ca.pem", 0644},
                                   {"ca-key.pem", 0600},
                                   {"edge.pem", 0644},
                                   {"edge-key.pem", 0600},
                                   {"static-secret", 0600}};
constexpr const char* kNewSuffix = ".new";

std::string path_of(const std::string& folder, const IdentityFile& file) {
  return folder + "/" + file.name;
}

// Second half of making an identity: all files are there as NAME.new or as NAME.
Result<void> give_names(const std::string& folder) {
  for (const auto& file : kFiles) {
    const std::string path = path_of(folder, file);
    if (file_exists(path)) continue;
    if (std::rename((path + kNewSuffix).c_str(), path.c_str()) != 0) {
      return system_failure(path + " is missing while others of the edge's identity are there; " +
                            "restore it, or remove them all to make a new identity");
    }
  }
  return {};
}

Result<void> make_identity(const std::string& folder, const std::vector<std::string>& server_names,
                           Random& random) {
  if (auto made = make_folder(folder, 0700); !made) return made;
  const auto bundle = quic::make_server_certificate(server_names);
  if (!bundle) return tl::make_unexpected(bundle.error());
  std::string secret(sizeof(EdgeIdentity::static_secret), '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
  const std::string* contents[] = {&bundle->ca_pem, &bundle->ca_key_pem, &bundle->certificate_pem,
                                   &bundle->key_pem, &secret};
  for (std::size_t i = 0; i < std::size(kFiles); ++i) {
    auto written = write_file(path_of(folder, kFiles[i]) + kNewSuffix, *contents[i], kFiles[i].mode,
                              Overwrite::yes);
    if (!written) return written;
  }
  return give_names(folder);
}

bool any_file(const std::string& folder) {
  return std::any_of(std::begin(kFiles), std::end(kFiles),
                     [&](const auto& file) { return file_exists(path_of(folder, file)); });
}

Result<EdgeIdentity> load_identity(const std::string& folder) {
  std::string contents[std::size(kFiles)];
  for (std::size_t i = 0; i < std::size(kFiles); ++i) {
    auto text = read_file(path_of(folder, kFiles[i]));
    if (!text) return tl::make_unexpected(text.error());
    contents[i] = std::move(*text);
  }
  EdgeIdentity identity;
  const auto pin = quic::key_pin(contents[0]);
  if (!pin) return fail(path_of(folder, kFiles[0]) + " is damaged, restore it", pin.error());
  identity.ca_pin = *pin;
  identity.ca_pem = contents[0];
  identity.ca_key_pem = contents[1];
  identity.certificate_pem = contents[2];
  identity.key_pem = contents[3];
  const auto usable = quic::TlsContext::server(
      {identity.certificate_pem, identity.key_pem, std::vector<std::string>{"argotunnel"}});
  if (!usable) {
    return fail(path_of(folder, kFiles[2]) + " or " + kFiles[3].name + " is damaged, restore it",
                usable.error());
  }
  if (const auto can_sign = quic::check_private_key(identity.ca_key_pem); !can_sign) {
    return fail(path_of(folder, kFiles[1]) + " is damaged, restore it", can_sign.error());
  }
  if (contents[4].size() != identity.static_secret.size()) {
    return fail(path_of(folder, kFiles[4]) + " is damaged: it must have 32 bytes; remove all of " +
                "the edge's identity to make a new one, or restore it");
  }
  std::copy(contents[4].begin(), contents[4].end(), identity.static_secret.begin());
  return identity;
}

}  // namespace

Result<EdgeIdentity> load_or_make_identity(const std::string& state_folder,
                                           const std::vector<std::string>& server_names,
                                           Random& random) {
  const auto there = any_file(state_folder) ? give_names(state_folder)
                                            : make_identity(state_folder, server_names, random);
  if (!there) return tl::make_unexpected(there.error());
  return load_identity(state_folder);
}

}  // namespace oneping
