#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"

namespace smelt::serve {

/// The body of an answer that is made while it is sent: as large as it will be, or without an end. The server asks for
/// a piece when the one before it is written, so that a slow reader holds up nothing but his own answer. It is
/// destroyed when all is sent, when the client is gone, or when the server ends. `Next` is called by one thread at a
/// time.
class BodyStream {
 public:
  enum class Then : std::uint8_t {
    kMore,  ///< ask again when this is written
    kWait,  ///< there is nothing more now: ask when `wake` was called
    kEnd,   ///< this was the last
  };
  struct Piece {
    std::string bytes{};  ///< 64 to 256 KiB are good; may be empty
    Then then = Then::kMore;
  };

  virtual ~BodyStream() = default;
  /// The next piece. An error cuts the connection, which tells the client that the answer is not whole; the log has it.
  virtual Result<Piece> Next() = 0;
  /// Whether Next never waits for anything: it is then called on the network's own thread.
  virtual bool immediate() const { return false; }
  /// Given once before the first Next, to be called from any thread after a kWait; given empty when the answer is over,
  /// after which it must not be called.
  virtual void OnWake(const std::function<void()>& /*wake*/) {}
  /// What is sent when a kWait lasts, so that nobody takes the connection for dead; empty: nothing.
  virtual std::string Heartbeat() const { return {}; }
};

/// A body that others push texts into, as they come: server-sent events. Thread-safe.
class PushedBody : public BodyStream {
 public:
  using Text = std::shared_ptr<const std::string>;

  /// At most `bytes_max` wait to be sent; whoever reads more slowly than that is cut off. An event stream's heartbeat
  /// is ":\n\n".
  PushedBody(std::size_t bytes_max, std::string heartbeat) : bytes_max_(bytes_max), heartbeat_(std::move(heartbeat)) {}

  /// Queues a text, which any number of bodies may share. False when the answer is over or has just been cut off.
  bool Push(const Text& text);
  /// What was queued is sent, then the answer ends.
  void End();
  /// Whether the answer is over, by whichever side.
  bool closed() const;

  Result<Piece> Next() override;
  bool immediate() const override { return true; }
  void OnWake(const std::function<void()>& wake) override;
  std::string Heartbeat() const override { return heartbeat_; }

 private:
  void Wake();

  const std::size_t bytes_max_;
  const std::string heartbeat_;
  mutable std::mutex mutex_;
  std::deque<Text> waiting_;
  std::size_t bytes_ = 0;
  std::function<void()> wake_;
  bool ending_ = false;
  bool overflowed_ = false;
  bool over_ = false;
};

}  // namespace smelt::serve
