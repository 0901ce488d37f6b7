#include "serve/internal/listener.h"

#include <fmt/format.h>

namespace smelt::serve::internal {

Result<std::uint16_t> Listen(boost::asio::ip::tcp::acceptor& acceptor, const std::string& address, std::uint16_t port,
                             std::string_view cure) {
  using boost::asio::ip::tcp;
  boost::system::error_code error;
  const boost::asio::ip::address ip = boost::asio::ip::make_address(address, error);
  if (error) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("'{}' is not an IP address", address))
                    .Hint("write it as 127.0.0.1, 0.0.0.0 or ::1"));
  }
  const tcp::endpoint endpoint(ip, port);
  error = acceptor.open(endpoint.protocol(), error);
  if (!error) error = acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) error = acceptor.bind(endpoint, error);
  if (!error) error = acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("cannot listen on {} port {}: {}", address, port, error.message()))
                    .Hint(std::string(cure)));
  }
  return acceptor.local_endpoint(error).port();
}

}  // namespace smelt::serve::internal
