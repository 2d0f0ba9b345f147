#include "quic/stateless.h"

#include <algorithm>

#include "quic/router.h"

namespace oneping::quic {

namespace {

constexpr ngtcp2_duration kRetryTokenLife = 10 * NGTCP2_SECONDS;
// RFC 9000, 10.3: a reset looks like any other packet, and is smaller than what caused it, lest two
// endpoints answer each other for ever. Small packets, such as keep-alives, must get one too.
constexpr std::size_t kMinResetSize = 21;
constexpr std::size_t kMaxResetSize = 41;

}  // namespace

template <typename Fill>
void StatelessAnswers::answer(const Path& path, Fill fill) {
  if (answers_.size() == kMaxAnswers) return;
  Answer& next = answers_.emplace_back();
  const ngtcp2_ssize size = fill(MutableBytes(next.bytes));
  if (size <= 0) {
    answers_.pop_back();
    return;
  }
  next.path = path;
  next.size = static_cast<std::size_t>(size);
}

void StatelessAnswers::negotiate_version(const Path& path, const ngtcp2_version_cid& asked) {
  answer(path, [&](MutableBytes space) {
    const std::uint32_t versions[] = {NGTCP2_PROTO_VER_V1};
    const auto unused = static_cast<std::uint8_t>(random_.next());
    return ngtcp2_pkt_write_version_negotiation(space.data(), space.size(), unused, asked.scid,
                                                asked.scidlen, asked.dcid, asked.dcidlen, versions,
                                                std::size(versions));
  });
}

void StatelessAnswers::retry(const Path& path, const ngtcp2_pkt_hd& header, Time now) {
  answer(path, [&](MutableBytes space) -> ngtcp2_ssize {
    ngtcp2_cid scid{};
    scid.datalen = kCidSize;
    random_.fill({scid.data, scid.datalen});
    NativePath native(path);
    const ngtcp2_addr& remote = native.get()->remote;
    std::uint8_t token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN];
    const ngtcp2_ssize token_size = ngtcp2_crypto_generate_retry_token(
        token, secret_.data(), secret_.size(), header.version, remote.addr, remote.addrlen, &scid,
        &header.dcid, to_native(now));
    if (token_size < 0) return token_size;
    return ngtcp2_crypto_write_retry(space.data(), space.size(), header.version, &header.scid,
                                     &scid, &header.dcid, token,
                                     static_cast<std::size_t>(token_size));
  });
}

bool StatelessAnswers::verify_retry(const Path& path, const ngtcp2_pkt_hd& header, Time now,
                                    ngtcp2_cid& original_dcid) const {
  NativePath native(path);
  const ngtcp2_addr& remote = native.get()->remote;
  const Bytes token = compat::token_of(header);
  return ngtcp2_crypto_verify_retry_token(&original_dcid, token.data(), token.size(),
                                          secret_.data(), secret_.size(), header.version,
                                          remote.addr, remote.addrlen, &header.dcid,
                                          kRetryTokenLife, to_native(now)) == 0;
}

void StatelessAnswers::refuse(const Path& path, const ngtcp2_pkt_hd& header, std::uint64_t code) {
  answer(path, [&](MutableBytes space) {
    return ngtcp2_crypto_write_connection_close(space.data(), space.size(), header.version,
                                                &header.scid, &header.dcid, code, nullptr, 0);
  });
}

void StatelessAnswers::reset(const Path& path, Bytes dcid, std::size_t trigger_size, Time now) {
  if (trigger_size <= kMinResetSize || !resets_.take(now)) return;
  const std::size_t size = std::min(trigger_size - 1, kMaxResetSize);
  answer(path, [&](MutableBytes space) -> ngtcp2_ssize {
    ngtcp2_cid cid;
    ngtcp2_cid_init(&cid, dcid.data(), dcid.size());
    std::uint8_t token[kResetTokenSize];
    if (ngtcp2_crypto_generate_stateless_reset_token(token, secret_.data(), secret_.size(), &cid) !=
        0) {
      return 0;
    }
    std::uint8_t noise[kMaxResetSize - kResetTokenSize];
    random_.fill(noise);
    return ngtcp2_pkt_write_stateless_reset(space.data(), space.size(), token, noise,
                                            size - kResetTokenSize);
  });
}

void StatelessAnswers::flush(PacketRuns& runs) {
  for (const Answer& answer : answers_) {
    std::ranges::copy(Bytes(answer.bytes).first(answer.size), runs.space().begin());
    runs.commit(answer.path, answer.size);
  }
  answers_.clear();
}

}  // namespace oneping::quic
