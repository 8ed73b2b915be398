#include "graph/runtime/scheduler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "graph/check/check.h"
#include "graph/runtime/alarm_clock.h"
#include "graph/runtime/blocking_lane.h"
#include "tests/graph/number_nodes.h"
#include "tests/graph/oracle.h"
#include "tests/graph/random_pipeline.h"

// The scheduler driven by plain threads instead of oneTBB: what the thread sanitizer says here is about this
// project's own locks, which it cannot judge behind a oneTBB library that was built without it.
namespace millrace {
namespace {

class ThreadedRun {
 public:
  ThreadedRun(const Plan& plan, std::vector<Item> items, const RunOptions& options, int threads)
      : plan_(plan),
        items_(std::move(items)),
        scheduler_(plan, options),
        clock_([this] { start(scheduler_.woken()); }) {
    for (size_t i = 0; i < items_.size(); ++i) results.emplace_back().outputs.resize(plan.outputs.size());
    start(scheduler_.start());
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
    for (std::thread& thread : threads_) thread.join();
    clock_.stop();
    report = scheduler_.take_report();
  }

  std::vector<oracle::ItemResult> results;
  RunReport report;

 private:
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_one();
  }

  void start(const Launch& launch) {
    for (const CallPtr& call : launch.calls)
      post([this, call] {
        perform(plan_.nodes[static_cast<size_t>(call->node)], *call);
        start(scheduler_.finished(*call));
      });
    if (launch.pull)
      post([this] {
        start(scheduler_.pulled(next_ < items_.size() ? std::optional(items_[next_++]) : std::nullopt));
      });
    if (launch.delivery)
      post([this, delivery = launch.delivery] {
        for (const Delivery::Event& event : delivery->events) deliver(event);
        start(scheduler_.delivered());
      });
    if (launch.wake)
      clock_.set(AlarmClock::Clock::now() +
                 std::chrono::duration_cast<AlarmClock::Clock::duration>(
                     std::chrono::duration<double>(*launch.wake - plan_.clock->now())));
    if (launch.over) {
      const std::lock_guard lock(mutex_);
      over_ = true;
      changed_.notify_all();
    }
  }

  void deliver(const Delivery::Event& event) {
    if (!event.finished) {
      results.at(event.packet.item)
          .outputs.at(event.packet.output)
          .push_back(*event.packet.packet.get<int64_t>());
    } else if (event.finished->error) {
      results.at(event.finished->item).error = event.finished->error->what();
    }
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return over_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  const Plan& plan_;
  std::vector<Item> items_;
  size_t next_ = 0;
  Scheduler scheduler_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool over_ = false;
  std::vector<std::thread> threads_;
  AlarmClock clock_;
};

TEST(Scheduler, NeedsNoOneTbb) {
  const Registry registry = number::registry();
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const std::string yaml = RandomPipeline(seed, {.failing = seed % 2 == 0}).yaml();
    SCOPED_TRACE(yaml);
    const CheckedPipeline pipeline =
        check_pipeline(std::make_shared<const SourceText>(SourceText{"random.yaml", yaml}), registry, {});
    Resources resources;
    const Plan plan = make_plan(pipeline, resources);
    std::vector<Item> items;
    for (uint64_t i = 0; i < 5; ++i)
      items.push_back(text_item(std::to_string(number::mix(seed, i) % 1'000'000)));
    oracle::Interpreter interpreter(pipeline, resources);
    std::vector<oracle::ItemResult> expected;
    for (const Item& item : items) expected.push_back(interpreter.run(item.inputs));
    const ThreadedRun run(plan, items, {.items_in_flight = 1 + seed % 4, .fair = seed % 3 == 0}, 3);
    for (size_t i = 0; i < items.size(); ++i) {
      EXPECT_EQ(run.results[i].outputs, expected[i].outputs);
      EXPECT_EQ(run.results[i].error, expected[i].error);
    }
    if (HasFailure()) return;
  }
}

TEST(BlockingLane, DoesEverythingThatWasPosted) {
  std::atomic<int> done{0};
  {
    BlockingLane lane(3);
    for (int i = 0; i < 100; ++i) lane.post([&] { ++done; });
  }
  EXPECT_EQ(done.load(), 100);
}

TEST(BlockingLane, ThreadsWorkAtTheSameTime) {
  std::atomic<int> inside{0}, most{0};
  {
    BlockingLane lane(4);
    for (int i = 0; i < 4; ++i)
      lane.post([&] {
        ++inside;
        for (int wait = 0; wait < 1000 && inside < 4; ++wait)
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        most = std::max(most.load(), inside.load());
      });
  }
  EXPECT_EQ(most.load(), 4);
}

TEST(AlarmClock, RingsAtTheEarliestTime) {
  std::mutex mutex;
  std::condition_variable rang;
  int rings = 0;
  AlarmClock clock([&] {
    const std::lock_guard lock(mutex);
    ++rings;
    rang.notify_one();
  });
  const auto now = AlarmClock::Clock::now();
  clock.set(now + std::chrono::hours(1));
  clock.set(now + std::chrono::milliseconds(5));
  std::unique_lock lock(mutex);
  EXPECT_TRUE(rang.wait_for(lock, std::chrono::seconds(10), [&] { return rings == 1; }));
  EXPECT_GE(AlarmClock::Clock::now(), now + std::chrono::milliseconds(5));
}

}  // namespace
}  // namespace millrace
