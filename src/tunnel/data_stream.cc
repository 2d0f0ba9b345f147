#include "tunnel/data_stream.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <algorithm>
#include <array>

#include "tunnel/registration_codec.h"
#include "tunnel/stream_signature.h"
#include "tunnel_stream.capnp.h"

namespace oneping::tunnel {

namespace {

constexpr std::size_t kPrefix = kDataSignature.size() + kDataVersion.size();
constexpr const char* kCheckKey = "oneping_check";
constexpr std::size_t kMaxText = 512;

std::vector<std::uint8_t> with_prefix(capnp::MessageBuilder& message) {
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  std::vector<std::uint8_t> out(kDataSignature.begin(), kDataSignature.end());
  out.insert(out.end(), kDataVersion.begin(), kDataVersion.end());
  out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

// Cap'n Proto reads whole words, wherever they lie.
kj::Array<capnp::word> words_of(Bytes bytes) {
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  std::copy_n(bytes.data(), words.asBytes().size(), words.asBytes().begin());
  return words;
}

template <typename T, typename Read>
Result<T> read_message(Bytes bytes, Read read) {
  Result<T> result = T{};
  const auto exception = kj::runCatchingExceptions([&] {
    const auto words = words_of(bytes);
    capnp::FlatArrayMessageReader reader(words, {.traversalLimitInWords = DataMessage::kMaxSize});
    result = read(reader);
  });
  KJ_IF_MAYBE (why, exception) {
    return fail("a data stream's message is broken: " + printable(why->getDescription(), kMaxText));
  }
  return result;
}

// Whether the bytes so far fit signature and version.
bool begins_well(Bytes bytes) {
  constexpr auto expected = [] {
    std::array<std::uint8_t, kPrefix> all{};
    const auto behind = std::copy(kDataSignature.begin(), kDataSignature.end(), all.begin());
    std::copy(kDataVersion.begin(), kDataVersion.end(), behind);
    return all;
  }();
  const std::size_t compared = std::min(bytes.size(), expected.size());
  return std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(compared),
                    expected.begin());
}

}  // namespace

std::vector<std::uint8_t> write_connect_check(const SocketAddress& destination) {
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<schema::ConnectRequest>();
  request.setDest(destination.to_string());
  request.setType(schema::ConnectionType::TCP);
  auto metadata = request.initMetadata(1);
  metadata[0].setKey(kCheckKey);
  metadata[0].setVal("1");
  return with_prefix(message);
}

std::vector<std::uint8_t> write_connect_response(std::string_view error) {
  capnp::MallocMessageBuilder message;
  message.initRoot<schema::ConnectResponse>().setError(std::string(error));
  return with_prefix(message);
}

Result<bool> DataMessage::add(Bytes bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  if (!begins_well(bytes_)) return fail("a data stream of another signature or version");
  if (bytes_.size() < kPrefix + sizeof(capnp::word)) return false;
  const auto words = words_of(Bytes(bytes_).subspan(kPrefix));
  const std::size_t needed = capnp::expectedSizeInWordsFromPrefix(words);
  if (needed > (kMaxSize - kPrefix) / sizeof(capnp::word)) {
    return fail("a data stream's message is larger than " + std::to_string(kMaxSize) + " bytes");
  }
  if (words.size() < needed) return false;
  bytes_.resize(kPrefix + needed * sizeof(capnp::word));
  return true;
}

Result<ConnectRequest> DataMessage::read_request() const {
  return read_message<ConnectRequest>(Bytes(bytes_).subspan(kPrefix), [](auto& reader) {
    const auto request = reader.template getRoot<schema::ConnectRequest>();
    ConnectRequest read;
    if (request.getType() == schema::ConnectionType::TCP) {
      read.tcp = SocketAddress::parse(printable(request.getDest(), kMaxText));
    }
    for (const auto entry : request.getMetadata()) {
      if (entry.getKey() == kj::StringPtr(kCheckKey)) read.is_check = true;
    }
    return read;
  });
}

Result<ConnectResponse> DataMessage::read_response() const {
  return read_message<ConnectResponse>(Bytes(bytes_).subspan(kPrefix), [](auto& reader) {
    const auto response = reader.template getRoot<schema::ConnectResponse>();
    return ConnectResponse{printable(response.getError(), kMaxText)};
  });
}

}  // namespace oneping::tunnel
