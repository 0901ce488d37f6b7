#include "serve/internal/work_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <latch>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace smelt::serve::internal {
namespace {

namespace asio = boost::asio;

TEST(WorkPoolTest, RunsTasksInTheirOrder) {
  std::vector<int> order;
  WorkPool pool(8, 1);
  std::latch begin(1);
  pool.Submit([&] { begin.wait(); });
  for (int i = 0; i < 100; ++i) {
    pool.Submit([&order, i] { order.push_back(i); });
  }
  begin.count_down();
  pool.Join();
  EXPECT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(WorkPoolTest, WhoTakesLongHoldsUpNobody) {
  constexpr int kLong = 20;
  WorkPool pool(kLong + 1, 2);
  std::latch all_at_work(kLong + 1);
  std::latch end(1);
  for (int i = 0; i < kLong; ++i) {
    pool.Submit([&] {
      all_at_work.count_down();
      end.wait();
    });
  }
  pool.Submit([&] { all_at_work.count_down(); });
  all_at_work.wait();  // for ever, if the first two kept the others out
  end.count_down();
}

TEST(WorkPoolTest, MoreTasksThanThreadsWaitForOne) {
  std::atomic<int> at_work = 0;
  std::atomic<int> most = 0;
  std::atomic<int> done = 0;
  {
    WorkPool pool(3, 3);
    for (int i = 0; i < 300; ++i) {
      pool.Submit([&] {
        const int now = ++at_work;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        --at_work;
        ++done;
      });
    }
  }
  EXPECT_EQ(done, 300);
  EXPECT_LE(most, 3);
}

TEST(WorkPoolTest, TheThreadThatRestedLastIsTheNext) {
  std::set<std::thread::id> threads;
  WorkPool pool(64, 64);
  for (int i = 0; i < 500; ++i) {
    std::latch done(1);
    pool.Submit([&] {
      threads.insert(std::this_thread::get_id());
      done.count_down();
    });
    done.wait();
  }
  pool.Join();
  EXPECT_LT(threads.size(), 32U) << "one, and others where it had not lain down yet";
}

TEST(WorkPoolTest, EndsWithoutATask) {
  WorkPool pool(2, 1);
  pool.Join();
  pool.Join();
}

TEST(WorkPoolTest, CoroutinesGoOnWhereTheyWere) {
  asio::io_context context;
  WorkPool pool(2, 2);
  const auto network = std::this_thread::get_id();
  std::string answer;
  const auto serve = [&]() -> asio::awaitable<void> {
    auto made = co_await RunOn(pool, [&] {
      EXPECT_NE(std::this_thread::get_id(), network);
      return std::make_unique<std::string>("made");
    });
    EXPECT_EQ(std::this_thread::get_id(), network);
    answer = *made;
    try {
      co_await RunOn(pool, []() -> int { throw std::runtime_error("no more"); });
    } catch (const std::runtime_error& error) {
      answer += std::string(", ") + error.what();
    }
  };
  asio::co_spawn(context, serve(), [](const std::exception_ptr& error) { EXPECT_EQ(error, nullptr); });
  context.run();
  EXPECT_EQ(answer, "made, no more");
}

}  // namespace
}  // namespace smelt::serve::internal
