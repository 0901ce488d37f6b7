#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace smelt::serve::internal {

/// Threads that run tasks in the order in which they came. Of tasks that are short, only a few run at once: more would
/// take turns on the same processors, and each of them would take longer. Which takes longer than kShortMs no longer
/// counts as one of the few, so that it holds up nobody. The thread that rested last gets the next task, for what it
/// needs is still at hand; threads are made when they are needed. Thread-safe.
class WorkPool {
 public:
  using Task = std::move_only_function<void()>;  ///< throws nothing

  static constexpr int kShortMs = 10;

  /// At most `threads_max` tasks run at once, and of short ones `at_once`; both at least 1. Throws when the system has
  /// no thread for it at all.
  WorkPool(std::size_t threads_max, std::size_t at_once);
  ~WorkPool() { Join(); }
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  void Submit(Task task);
  /// Runs what was submitted, and ends the threads. Nothing is submitted any more.
  void Join();

 private:
  struct Worker {
    std::condition_variable wake;
    Task task;
    double began = 0;     ///< in seconds of the monotonic clock
    bool counts = false;  ///< among the few
    std::jthread thread;  ///< last: it uses the others
  };

  void Work(Worker& worker);
  void Watch();
  /// Under the lock, as all below: gives the waiting tasks to threads, as many as may run.
  void Dispatch();
  void Give(Worker& worker);
  void Uncount(Worker& worker);
  bool MayRun() const { return !waiting_.empty() && short_ < at_once_; }
  Worker& MakeWorker();
  /// One that rests, or a new one; null when there is none.
  Worker* FindWorker();

  const std::size_t threads_max_;
  const std::size_t at_once_;
  std::mutex lock_;
  std::deque<Task> waiting_;
  std::list<Worker> workers_;
  std::vector<Worker*> resting_;
  std::size_t short_ = 0;  ///< running tasks that count
  bool watches_ = false;
  bool ending_ = false;  ///< nothing is submitted any more
  bool ended_ = false;   ///< and all that was has a thread
  std::condition_variable watch_;
  std::jthread watcher_;
};

/// Runs `work` on a thread of the pool and resumes the coroutine on its own executor with what it returned, or threw.
/// Whatever `work` refers to has to live until then.
template <typename Work, typename Value = std::invoke_result_t<Work>>
boost::asio::awaitable<Value> RunOn(WorkPool& pool, Work work) {
  namespace asio = boost::asio;
  const auto begin = [&pool]<typename Handler>(Handler handler, Work task) {
    auto executor = asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
    pool.Submit([executor = std::move(executor), handler = std::move(handler), task = std::move(task)]() mutable {
      std::exception_ptr error;
      Value value{};
      try {
        value = task();
      } catch (...) {
        error = std::current_exception();
      }
      asio::post(executor, [handler = std::move(handler), error, value = std::move(value)]() mutable {
        std::move(handler)(error, std::move(value));
      });
    });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Value)>(
      begin, asio::use_awaitable, std::move(work));
}

}  // namespace smelt::serve::internal
