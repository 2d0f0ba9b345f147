// How a session's end gets its reason: RpcSystem keeps the cause to itself, so the message stream
// under it is watched. The first of these says it: the peer's stream is over, the peer's Abort, a
// message that cannot be read, or the Abort that RpcSystem writes about a message it cannot accept.

#include "tunnel/rpc_session.h"

#include <capnp/rpc.capnp.h>

#include <utility>

#include "tunnel/registration_codec.h"

namespace oneping::tunnel {

namespace {

constexpr std::size_t kMaxAbortReason = 200;  // bytes of the peer's text, for the log

using Ending = std::shared_ptr<std::optional<RpcEnd>>;

void end_with(const Ending& ending, RpcEnd::Kind kind, std::string reason) {
  if (!*ending) *ending = RpcEnd{kind, std::move(reason)};
}

// The reason in an Abort message; nothing for any other message.
std::optional<std::string> abort_reason(capnp::MessageReader& message) {
  const auto root = message.getRoot<capnp::rpc::Message>();
  if (!root.isAbort()) return std::nullopt;
  return printable(root.getAbort().getReason(), kMaxAbortReason);
}

capnp::ReaderOptions reader_options() {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = RpcSession::kReceiveLimit / sizeof(capnp::word);
  options.nestingLimit = 32;
  return options;
}

}  // namespace

class RpcSession::WatchedMessages final : public capnp::MessageStream {
 public:
  WatchedMessages(kj::AsyncIoStream& stream, Ending ending)
      : messages_(stream), ending_(std::move(ending)) {}

  using Message = kj::Maybe<capnp::MessageReaderAndFds>;

  kj::Promise<Message> tryReadMessage(kj::ArrayPtr<kj::AutoCloseFd> fds,
                                      capnp::ReaderOptions options,
                                      kj::ArrayPtr<capnp::word> scratch) override {
    return messages_.tryReadMessage(fds, options, scratch)
        .then(
            [ending = ending_](Message&& message) -> Message {
              KJ_IF_MAYBE (m, message) {
                if (auto reason = abort_reason(*m->reader)) {
                  end_with(ending, RpcEnd::Kind::finished, "the peer aborted: " + *reason);
                }
              } else {
                end_with(ending, RpcEnd::Kind::finished, "the peer ended the stream");
              }
              return kj::mv(message);
            },
            [ending = ending_](kj::Exception&& exception) -> Message {
              end_with(ending, RpcEnd::Kind::broken, exception.getDescription().cStr());
              kj::throwFatalException(kj::mv(exception));
            });
  }

  kj::Promise<void> writeMessage(
      kj::ArrayPtr<const int> fds,
      kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) override {
    capnp::SegmentArrayMessageReader message(segments);
    if (auto reason = abort_reason(message)) {
      end_with(ending_, RpcEnd::Kind::broken, std::move(*reason));
    }
    return messages_.writeMessage(fds, segments);
  }

  kj::Promise<void> writeMessages(
      kj::ArrayPtr<kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>>> messages) override {
    return messages_.writeMessages(messages);
  }

  kj::Maybe<int> getSendBufferSize() override { return nullptr; }
  kj::Promise<void> end() override { return messages_.end(); }

 private:
  capnp::AsyncIoMessageStream messages_;
  Ending ending_;
};

// In the order in which things rest on each other: destruction goes the other way round.
struct RpcSession::State {
  State(quic::Connection& connection, quic::StreamId id, std::size_t receive_limit,
        capnp::rpc::twoparty::Side side, kj::Maybe<capnp::Capability::Client> bootstrap)
      : stream(connection, id, receive_limit),
        messages(stream, ending),
        network(messages, side, reader_options()),
        system(network, kj::mv(bootstrap)) {}

  Ending ending = std::make_shared<std::optional<RpcEnd>>();
  RpcStream stream;
  WatchedMessages messages;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
};

RpcSession::RpcSession(quic::Connection& connection, quic::StreamId stream,
                       std::size_t receive_limit, capnp::Capability::Client bootstrap)
    : state_(std::make_unique<State>(connection, stream, receive_limit,
                                     capnp::rpc::twoparty::Side::SERVER, kj::mv(bootstrap))) {}

RpcSession::RpcSession(quic::Connection& connection, quic::StreamId stream,
                       std::size_t receive_limit)
    : state_(std::make_unique<State>(connection, stream, receive_limit,
                                     capnp::rpc::twoparty::Side::CLIENT, nullptr)) {}

RpcSession::~RpcSession() { detach(); }

quic::StreamId RpcSession::stream() const { return state_->stream.id(); }

capnp::Capability::Client RpcSession::remote() {
  capnp::MallocMessageBuilder message(8);
  auto vat = message.initRoot<capnp::rpc::twoparty::VatId>();
  vat.setSide(capnp::rpc::twoparty::Side::SERVER);
  return state_->system.bootstrap(vat.asReader());
}

void RpcSession::on_data(Bytes bytes, bool fin) { state_->stream.feed(bytes, fin); }

void RpcSession::raise_receive_limit(std::size_t limit) {
  state_->stream.raise_receive_limit(limit);
}

const std::optional<RpcEnd>& RpcSession::end() const { return *state_->ending; }

void RpcSession::finish() { state_->stream.finish(); }

void RpcSession::detach() { state_->stream.detach(); }

}  // namespace oneping::tunnel
