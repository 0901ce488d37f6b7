#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <stop_token>

namespace smelt::serve::internal {

/// Looks every now and then whether the client of a request at work is still there, and requests a stop when it is
/// not. What the client sends meanwhile stays unread: it may be the next request. Confined to the network's thread.
class PeerWatch : public std::enable_shared_from_this<PeerWatch> {
 public:
  PeerWatch(const boost::asio::any_io_executor& executor, int socket) : timer_(executor), socket_(socket) {}

  void Begin() { Arm(); }
  /// The socket is looked at no longer.
  void End();
  /// For other reasons than a client that went.
  void RequestStop() { gone_.request_stop(); }
  std::stop_token token() const { return gone_.get_token(); }

 private:
  void Arm();

  boost::asio::steady_timer timer_;
  int socket_;
  bool over_ = false;
  std::stop_source gone_;
};

}  // namespace smelt::serve::internal
