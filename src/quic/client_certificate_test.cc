// Devices show who they are: certificates that the edge's authority signed, and those it did not.
#include <gtest/gtest.h>

#include "quic/device_certificate.h"
#include "quic/server_certificate.h"
#include "quic/testing/peers.h"

namespace oneping::quic {
namespace {

using namespace testing;
using std::chrono::sys_seconds;

sys_seconds now_in_seconds() {
  return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

DeviceIdentity laptop() {
  DeviceIdentity identity;
  identity.common_name = "laptop";
  identity.uris = {"oneping:device/0190", "oneping:user/alice"};
  identity.serial = {0x01, 0x02, 0xff};
  identity.not_before = now_in_seconds() - 1h;
  identity.not_after = now_in_seconds() + 24h;
  return identity;
}

const CertificateBundle& device_authority() {
  static const CertificateBundle bundle = *make_server_certificate({"unused"});
  return bundle;
}

Result<std::string> sign_laptop(const std::string& request, const DeviceIdentity& identity,
                                const CertificateBundle& authority = device_authority()) {
  return sign_device_certificate(authority.ca_pem, authority.ca_key_pem, request, identity);
}

class ClientCertificateTest : public QuicTest {
 protected:
  ClientCertificateTest() {
    ServerTlsOptions options{certificates().certificate_pem, certificates().key_pem, {"test"}};
    options.client_ca_pem = device_authority().ca_pem;
    auto tls = TlsContext::server(options);
    EXPECT_TRUE(tls) << tls.error().message;
    start_server(with_secret(1), *tls);
  }
  void show(const std::string& certificate_pem, const std::string& key_pem) {
    ClientTlsOptions options = trusting_client();
    options.certificate_pem = certificate_pem;
    options.key_pem = key_pem;
    auto tls = TlsContext::client(options);
    ASSERT_TRUE(tls) << tls.error().message;
    start_client(with_secret(2), *tls);
  }
  // The server's reason; the client hears `alert`.
  std::string refusal_of(const DeviceIdentity& identity, const std::string& alert,
                         const CertificateBundle& authority = device_authority()) {
    const auto device = *make_key_and_csr("laptop");
    const auto certificate = sign_laptop(device.request_pem, identity, authority);
    EXPECT_TRUE(certificate);
    show(*certificate, device.key_pem);
    EXPECT_EQ(expect_refusal().reason, "the peer refused us: TLS alert " + alert);
    network.run(1s);
    if (acceptor.users.empty() || peer().closed.empty()) return "nobody heard";
    EXPECT_EQ(peer().ready, 0);
    return peer().closed[0].reason;
  }
};

TEST_F(ClientCertificateTest, SaysWhoTheDeviceIs) {
  const auto device = *make_key_and_csr("a name of its own");
  const DeviceIdentity identity = laptop();
  const auto certificate = sign_laptop(device.request_pem, identity);
  ASSERT_TRUE(certificate) << certificate.error().message;
  show(*certificate, device.key_pem);
  establish();
  const PeerCertificate* const shown = peer().connection->peer_certificate();
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(shown->key_pin, *csr_key_pin(device.request_pem));
  EXPECT_EQ(shown->key_pin, *key_pin(*certificate));
  EXPECT_EQ(shown->common_name, "laptop") << "the edge's word, not the device's";
  EXPECT_EQ(shown->uris, identity.uris);
  EXPECT_EQ(shown->serial, identity.serial);
  EXPECT_EQ(shown->not_after, identity.not_after);
  EXPECT_EQ(user.connection->peer_certificate(), nullptr) << "only servers ask";
}

TEST_F(ClientCertificateTest, IsNotKnownBeforeItIsVerified) {
  const auto device = *make_key_and_csr("laptop");
  show(*sign_laptop(device.request_pem, laptop()), device.key_pem);
  bool asked = false;
  acceptor.when_accepted = [&](RecordingUser& accepted) {
    asked = true;
    EXPECT_EQ(accepted.connection->peer_certificate(), nullptr);
  };
  establish();
  EXPECT_TRUE(asked);
}

TEST_F(ClientCertificateTest, NoneIsFine) {
  establish();
  EXPECT_EQ(peer().connection->peer_certificate(), nullptr);
}

TEST_F(ClientCertificateTest, NotAskedForNotShown) {
  start_server(with_secret(1));
  const auto device = *make_key_and_csr("laptop");
  show(*sign_laptop(device.request_pem, laptop()), device.key_pem);
  establish();
  EXPECT_EQ(peer().connection->peer_certificate(), nullptr);
}

TEST_F(ClientCertificateTest, ExpiredIsRefused) {
  DeviceIdentity identity = laptop();
  identity.not_after = now_in_seconds() - 1s;
  EXPECT_EQ(refusal_of(identity, "45 certificate expired"), "the peer's certificate has expired");
}

TEST_F(ClientCertificateTest, NotYetValidIsRefused) {
  DeviceIdentity identity = laptop();
  identity.not_before = now_in_seconds() + 1h;
  EXPECT_EQ(refusal_of(identity, "45 certificate expired"),
            "the peer's certificate is not valid yet (is the clock right?)");
}

TEST_F(ClientCertificateTest, StrangersAuthorityIsRefused) {
  EXPECT_EQ(refusal_of(laptop(), "48 unknown ca", *make_server_certificate({"unused"})),
            "the peer's certificate is not signed by an authority that we trust");
}

TEST_F(ClientCertificateTest, ServersCertificateIsRefused) {
  show(device_authority().certificate_pem, device_authority().key_pem);
  EXPECT_EQ(expect_refusal().reason, "the peer refused us: TLS alert 43 unsupported certificate");
}

// Somebody else's certificate, without its key.
TEST_F(ClientCertificateTest, KeyMustMatch) {
  const auto device = *make_key_and_csr("laptop");
  const auto thief = *make_key_and_csr("thief");
  ClientTlsOptions options = trusting_client();
  options.certificate_pem = *sign_laptop(device.request_pem, laptop());
  options.key_pem = thief.key_pem;
  EXPECT_FALSE(TlsContext::client(options));
}

TEST_F(ClientCertificateTest, SurvivesLoss) {
  const auto device = *make_key_and_csr("laptop");
  show(*sign_laptop(device.request_pem, laptop()), device.key_pem);
  network.link.loss = 0.2;
  network.link.jitter = 30ms;
  establish();
  EXPECT_NE(peer().connection->peer_certificate(), nullptr);
}

TEST(DeviceCertificate, RequestIsForItsKey) {
  const auto device = *make_key_and_csr("laptop");
  const auto again = make_csr(device.key_pem, "laptop");
  ASSERT_TRUE(again);
  EXPECT_EQ(*csr_key_pin(*again), *csr_key_pin(device.request_pem));
  EXPECT_NE(*csr_key_pin(make_key_and_csr("laptop")->request_pem),
            *csr_key_pin(device.request_pem));
}

TEST(DeviceCertificate, SaysWhenItIsValid) {
  const DeviceIdentity identity = laptop();
  const auto certificate = sign_laptop(make_key_and_csr("laptop")->request_pem, identity);
  ASSERT_TRUE(certificate);
  const auto validity = validity_of(*certificate + device_authority().ca_pem);
  ASSERT_TRUE(validity);
  EXPECT_EQ(*validity, (Validity{identity.not_before, identity.not_after}));
  EXPECT_FALSE(validity_of("nothing"));
}

TEST(DeviceCertificate, TamperedRequestIsRefused) {
  const auto device = *make_key_and_csr("laptop");
  std::size_t refused = 0;
  for (std::size_t at = 30; at + 30 < device.request_pem.size(); ++at) {
    std::string spoilt = device.request_pem;
    if (spoilt[at] == '\n') continue;
    spoilt[at] = spoilt[at] == 'A' ? 'B' : 'A';
    if (spoilt == device.request_pem) continue;
    EXPECT_FALSE(csr_key_pin(spoilt)) << "byte " << at;
    ++refused;
  }
  EXPECT_GT(refused, 200u);
}

// openssl req -new -newkey rsa:1024 -nodes -subj /CN=weak
constexpr char kRsaRequest[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIIBTjCBuAIBADAPMQ0wCwYDVQQDDAR3ZWFrMIGfMA0GCSqGSIb3DQEBAQUAA4GN\n"
    "ADCBiQKBgQD83JIbcAm+pT+28Bclm1cXeu9I7t/18HuY32JM3lN82C76ftu9l9LQ\n"
    "zivYekX4XKPmt7ZtmQEJY8q9KuNed5sTkR3RG1LV8NiZnPhBJj2CwXc+UpB9vB0e\n"
    "mFQ7DdKkG9iP9eXuy+EsKJU9ibYLWmZDnMphufhyflMB1y3tj7w9DwIDAQABoAAw\n"
    "DQYJKoZIhvcNAQELBQADgYEAXAwPdabruXl9XbJo3gEC2/4mDpYRPCVFwrtmDhRR\n"
    "inhB7aKt7PJw+VefrurqiJ1se4UhHGcu2DDgkq1QBNv63Ikwel2ITmEvc9b4pDKs\n"
    "OWDKzGvJHV5bzP3CL5j1rMYAgu+rIIf8UlZDSvQxkxhUUz1+ZHhO3r26V+Xv8g88\n"
    "CJM=\n"
    "-----END CERTIFICATE REQUEST-----\n";

TEST(DeviceCertificate, OtherKindsOfKeysAreRefused) {
  const auto pin = csr_key_pin(kRsaRequest);
  ASSERT_FALSE(pin);
  EXPECT_EQ(pin.error().message,
            "reading a certificate request: its key is not an ECDSA P-256 key");
}

TEST(DeviceCertificate, BadMaterialIsAnErrorForAPerson) {
  const auto device = *make_key_and_csr("laptop");
  EXPECT_FALSE(csr_key_pin("nothing"));
  EXPECT_FALSE(make_csr("nothing", "laptop"));
  EXPECT_FALSE(sign_laptop("nothing", laptop()));
  EXPECT_FALSE(sign_laptop(device.request_pem, laptop(), {"nothing", "nothing", "", ""}));
  struct Case {
    const char* name;
    std::function<void(DeviceIdentity&)> spoil;
  };
  const Case cases[] = {
      {"no name", [](DeviceIdentity& i) { i.common_name.clear(); }},
      {"long name", [](DeviceIdentity& i) { i.common_name.assign(65, 'x'); }},
      {"no serial", [](DeviceIdentity& i) { i.serial.clear(); }},
      {"serial zero",
       [](DeviceIdentity& i) {
         i.serial = {0, 0};
       }},
      {"negative serial", [](DeviceIdentity& i) { i.serial = {0x80}; }},
      {"long serial", [](DeviceIdentity& i) { i.serial.assign(21, 1); }},
      {"no time", [](DeviceIdentity& i) { i.not_after = i.not_before; }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    DeviceIdentity identity = laptop();
    each.spoil(identity);
    EXPECT_FALSE(sign_laptop(device.request_pem, identity));
  }
}

}  // namespace
}  // namespace oneping::quic
