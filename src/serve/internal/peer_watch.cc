#include "serve/internal/peer_watch.h"

#include <poll.h>

#include <chrono>

namespace smelt::serve::internal {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(200);

/// Also true when bytes before the end have not been read yet.
bool HasGone(int socket) {
  pollfd peer{.fd = socket, .events = POLLRDHUP, .revents = 0};
  return ::poll(&peer, 1, 0) > 0 && (peer.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

}  // namespace

void PeerWatch::Arm() {
  timer_.expires_after(kInterval);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->over_) return;
    if (HasGone(self->socket_)) {
      self->gone_.request_stop();
    } else {
      self->Arm();
    }
  });
}

void PeerWatch::End() {
  over_ = true;
  timer_.cancel();
}

}  // namespace smelt::serve::internal
