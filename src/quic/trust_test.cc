// Whom a client trusts, and what TLS the two ends agree on.
#include <gtest/gtest.h>

#include "quic/crypto.h"
#include "quic/server_certificate.h"
#include "quic/testing/peers.h"

namespace oneping::quic {
namespace {

using namespace testing;

class TrustTest : public QuicTest {
 protected:
  void use(const ClientTlsOptions& options) {
    auto tls = TlsContext::client(options);
    ASSERT_TRUE(tls) << tls.error().message;
    start_client(with_secret(2), *tls);
  }
  void use_groups(const std::string& groups) {
    auto tls = TlsContext::Impl::client(trusting_client(), groups);
    ASSERT_TRUE(tls) << tls.error().message;
    start_client(with_secret(2), std::make_shared<const TlsContext>(std::move(*tls)));
  }
  static ClientTlsOptions pinning_client(const KeyPin& pin) {
    ClientTlsOptions options = trusting_client();
    options.ca_pem.clear();
    options.pins = {pin};
    return options;
  }
};

TEST_F(TrustTest, WrongNameIsRefusedByName) {
  ClientTlsOptions options = trusting_client();
  options.server_name = "other.example";
  use(options);
  const CloseInfo info = expect_refusal();
  EXPECT_EQ(info.kind, CloseKind::distrusted);
  EXPECT_EQ(info.reason, "the peer's certificate is not valid for the name other.example");
  network.run(1s);
  EXPECT_EQ(client->stats().handshakes_failed, 1u);
  // The server hears the alert.
  ASSERT_EQ(acceptor.users.size(), 1u);
  ASSERT_EQ(peer().closed.size(), 1u);
  EXPECT_EQ(peer().closed[0].kind, CloseKind::refused);
  EXPECT_EQ(peer().closed[0].reason, "the peer refused us: TLS alert 42 bad certificate");
  EXPECT_EQ(peer().ready, 0);
}

TEST_F(TrustTest, UnknownAuthorityIsRefused) {
  ClientTlsOptions options = trusting_client();
  options.ca_pem = make_server_certificate({"edge.example"})->ca_pem;
  use(options);
  const CloseInfo info = expect_refusal();
  EXPECT_EQ(info.kind, CloseKind::distrusted);
  EXPECT_EQ(info.reason, "the peer's certificate is not signed by an authority that we trust");
}

TEST_F(TrustTest, SystemRootsDoNotKnowOurAuthority) {
  ClientTlsOptions options = trusting_client();
  options.ca_pem.clear();
  use(options);
  EXPECT_EQ(expect_refusal().kind, CloseKind::distrusted);
}

TEST_F(TrustTest, UnknownProtocolIsRefused) {
  ClientTlsOptions options = trusting_client();
  options.alpn = {"other"};
  use(options);
  const CloseInfo info = expect_refusal();
  EXPECT_EQ(info.kind, CloseKind::refused);
  EXPECT_EQ(info.reason, "the peer refused us: TLS alert 120 no application protocol");
  EXPECT_TRUE(acceptor.users.empty()) << "nobody needs to hear of it";
  EXPECT_EQ(server->stats().handshakes_failed, 1u);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(TrustTest, WrongPinIsRefused) {
  use(pinning_client(*key_pin(make_server_certificate({"edge.example"})->certificate_pem)));
  const CloseInfo info = expect_refusal();
  EXPECT_EQ(info.kind, CloseKind::distrusted);
  EXPECT_EQ(info.reason, "no certificate of the peer has a key that we have pinned");
}

TEST_F(TrustTest, PinOfTheLeafIsAccepted) {
  use(pinning_client(*key_pin(certificates().certificate_pem)));
  establish();
}

TEST_F(TrustTest, PinOfTheAuthorityIsAccepted) {
  use(pinning_client(*key_pin(certificates().ca_pem)));
  establish();
}

TEST_F(TrustTest, PinDoesNotExcuseAWrongName) {
  ClientTlsOptions options = pinning_client(*key_pin(certificates().certificate_pem));
  options.server_name = "other.example";
  use(options);
  EXPECT_EQ(expect_refusal().reason,
            "the peer's certificate is not valid for the name other.example");
}

// A stranger shows his own leaf and appends our authority, whose key is pinned.
TEST_F(TrustTest, PinnedAuthorityMustHaveSignedTheLeaf) {
  const auto stranger = *make_server_certificate({"edge.example"});
  const std::string leaf =
      stranger.certificate_pem.substr(0, stranger.certificate_pem.size() - stranger.ca_pem.size());
  auto tls = TlsContext::server({leaf + certificates().ca_pem, stranger.key_pem, {"test"}});
  ASSERT_TRUE(tls) << tls.error().message;
  start_server(with_secret(1), *tls);
  use(pinning_client(*key_pin(certificates().ca_pem)));
  EXPECT_EQ(expect_refusal().kind, CloseKind::distrusted);
}

TEST_F(TrustTest, AddressesAreNamesToo) {
  for (const char* name : {"192.0.2.1", "2001:db8::1"}) {
    SCOPED_TRACE(name);
    ClientTlsOptions options = trusting_client();
    options.server_name = name;
    use(options);
    user = {};
    establish();
  }
}

TEST_F(TrustTest, ServerChoosesTheFirstOfItsProtocolsThatTheClientOffers) {
  start_server(with_secret(1), *TlsContext::server({certificates().certificate_pem,
                                                    certificates().key_pem,
                                                    {"first", "test", "third"}}));
  ClientTlsOptions options = trusting_client();
  options.alpn = {"third", "test"};
  use(options);
  std::string when_accepted;
  acceptor.when_accepted = [&](RecordingUser& accepted) {
    when_accepted = accepted.connection->alpn();
  };
  establish();
  EXPECT_EQ(user.connection->alpn(), "test");
  EXPECT_EQ(peer().connection->alpn(), "test");
  EXPECT_EQ(when_accepted, "test") << "so that the acceptor can choose";
}

TEST_F(TrustTest, ClientThatOffersOneCurveAlone) {
  use_groups("+GROUP-SECP256R1");
  establish();
}

// A key share of a kilobyte: the ClientHello does not fit into one Initial packet.
TEST_F(TrustTest, ClientHelloInSeveralPackets) {
  std::size_t first_flight = 0;
  network.watch = [&](const Path& path, Bytes) {
    if (path.remote == server_at && network.now == Time{}) ++first_flight;
  };
  acceptor.when_accepted = [](RecordingUser& accepted) {
    EXPECT_EQ(accepted.connection->alpn(), "test") << "the hello is whole";
  };
  use_groups("+GROUP-FFDHE8192:+GROUP-SECP256R1");
  establish();
  EXPECT_GE(first_flight, 2u);
}

TEST_F(TrustTest, ClientHelloInSeveralPacketsReordered) {
  network.link.jitter = 40ms;
  network.link.loss = 0.1;
  use_groups("+GROUP-FFDHE8192:+GROUP-SECP256R1");
  establish();
}

// The client's first key share is of a group that the server lacks: HelloRetryRequest.
TEST_F(TrustTest, ServerAsksForAnotherGroup) {
  use_groups("+GROUP-X448:+GROUP-SECP256R1");
  establish();
}

TEST(Tls, BadMaterialIsAnErrorForAPerson) {
  EXPECT_FALSE(TlsContext::server({"no certificate", "no key", {"test"}}));
  ClientTlsOptions options;
  options.ca_pem = "nothing";
  EXPECT_FALSE(TlsContext::client(options));
  EXPECT_FALSE(key_pin("nothing"));
  EXPECT_FALSE(make_server_certificate({}));
}

TEST(Tls, Sha256) {
  const std::string text = "abc";  // FIPS 180-2, B.1
  const auto digest = sha256(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), 3));
  EXPECT_EQ(digest[0], 0xba);
  EXPECT_EQ(digest[1], 0x78);
  EXPECT_EQ(digest[31], 0xad);
}

TEST(Tls, PinDoesNotDependOnTheRestOfTheChain) {
  const auto pin = key_pin(certificates().certificate_pem);
  ASSERT_TRUE(pin);
  EXPECT_NE(*pin, *key_pin(certificates().ca_pem));
}

}  // namespace
}  // namespace oneping::quic
