// What an endpoint and its connections share. Belongs to the endpoint and outlives the connections.
#pragma once

#include <memory>
#include <vector>

#include "base/random.h"
#include "quic/deadline_heap.h"
#include "quic/endpoint.h"
#include "quic/router.h"

namespace oneping::quic {

struct EndpointState {
  EndpointState(const EndpointOptions& endpoint_options, std::shared_ptr<const TlsContext> context,
                Random& generator)
      : options(endpoint_options), tls(std::move(context)), random(generator) {}

  EndpointOptions options;
  std::shared_ptr<const TlsContext> tls;
  Random& random;
  Router by_cid{random.next()};
  Router by_reset_token{random.next()};
  DeadlineHeap deadlines;
  std::vector<QuicConnection*> dirty;  // have something for the next flush
  EndpointStats stats;
  std::size_t open = 0;       // connections that their users still have
  std::size_t half_open = 0;  // of these, clients whose handshake is not done
};

}  // namespace oneping::quic
