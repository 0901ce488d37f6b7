#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace smelt::serve::internal {

/// The bytes of a connection, over TLS or as they are; the clock of the connection runs for both. What is composed of
/// reads and writes takes it for the one or the other without knowing. Confined to the network's thread.
class ClientStream {
 public:
  using executor_type = boost::beast::tcp_stream::executor_type;

  /// `context` is empty for bytes as they are.
  ClientStream(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> context)
      : tcp_(std::move(socket)), context_(std::move(context)) {
    if (context_) tls_.emplace(tcp_, *context_);
  }

  executor_type get_executor() { return tcp_.get_executor(); }
  boost::asio::ip::tcp::socket& socket() { return tcp_.socket(); }
  bool secure() const { return tls_.has_value(); }
  void expires_after(std::chrono::nanoseconds time) { tcp_.expires_after(time); }
  void expires_never() { tcp_.expires_never(); }
  void close() { tcp_.close(); }

  /// Agrees on keys with the client; true at once without TLS.
  boost::asio::awaitable<bool> Handshake() {
    if (!tls_) co_return true;
    const auto [error] = co_await tls_->async_handshake(boost::asio::ssl::stream_base::server,
                                                        boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return !error;
  }
  /// Says that no more will be sent.
  boost::asio::awaitable<void> EndSending() {
    if (tls_) {
      // Waits for the client's word, too, as long as the clock lets it.
      const auto [error] = co_await tls_->async_shutdown(boost::asio::as_tuple(boost::asio::use_awaitable));
      static_cast<void>(error);
    }
    boost::system::error_code ignored;
    ignored = tcp_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return tls_ ? tls_->async_read_some(buffers, std::forward<Token>(token))
                : tcp_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return tls_ ? tls_->async_write_some(buffers, std::forward<Token>(token))
                : tcp_.async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  boost::beast::tcp_stream tcp_;
  std::shared_ptr<boost::asio::ssl::context> context_;  ///< outlives the stream, also when the certificate is renewed
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
};

}  // namespace smelt::serve::internal
