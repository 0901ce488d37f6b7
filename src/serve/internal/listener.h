#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::serve::internal {

/// Has an acceptor listen at an IP address and port (0: any that is free), and returns the port. `cure` is told when
/// the port cannot be had. Errors: kUsage, naming what is wrong.
Result<std::uint16_t> Listen(boost::asio::ip::tcp::acceptor& acceptor, const std::string& address, std::uint16_t port,
                             std::string_view cure);

}  // namespace smelt::serve::internal
