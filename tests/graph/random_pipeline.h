#pragma once
#include <fmt/core.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace millrace {

// A pipeline of number nodes, the same for the same seed. All ports fit by construction.
class RandomPipeline {
 public:
  struct Options {
    bool lossy = false;    // also policies that lose packets
    bool failing = false;  // also nodes that fail
    bool tight = false;    // every edge holds one packet, and more nodes run several calls at a time
  };

  RandomPipeline(uint64_t seed, Options options) : random_(seed), options_(options) {}

  std::string yaml() {
    add("number.parse", fmt::format("text: $input"), 0, {"v"}, true);
    const int count = pick(1, 9);
    for (int i = 0; i < count; ++i) add_any();
    std::string outputs;
    for (size_t i = 0; i < ports_.size(); ++i)
      if (!ports_[i].used || chance(15)) outputs += fmt::format("  out{}: {}\n", i, ports_[i].name);
    return fmt::format("name: random\nnodes:\n{}{}{}", nodes_, outputs.empty() ? "" : "outputs:\n", outputs);
  }

 private:
  struct OpenPort {
    std::string name;
    int rate = 0;
    bool used = false;
  };

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool chance(int percent) { return pick(0, 99) < percent; }
  size_t any_port() {
    // Rather a late one, so that pipelines are deep as well as wide.
    const size_t a = static_cast<size_t>(pick(0, static_cast<int>(ports_.size()) - 1));
    const size_t b = static_cast<size_t>(pick(0, static_cast<int>(ports_.size()) - 1));
    return std::max(a, b);
  }
  std::string use(size_t port) {
    ports_[port].used = true;
    return ports_[port].name;
  }

  std::string settings(bool batches, bool block_only) {
    std::string text = fmt::format(", salt: {}", pick(0, 1'000'000));
    if (options_.failing && chance(25)) text += fmt::format(", fail_per_mille: {}", pick(1, 150));
    if (options_.tight || chance(60)) text += fmt::format(", queue: {}", options_.tight ? 1 : pick(1, 4));
    if (chance(options_.tight ? 60 : 30))
      text += fmt::format(", concurrency: {}", pick(1, options_.tight ? 16 : 4));
    if (batches && chance(40)) {
      text += fmt::format(", batch: {}", pick(2, 5));
      if (chance(40)) text += fmt::format(", max_wait_ms: {}", chance(50) ? "0" : "0.2");
    }
    constexpr const char* policies[] = {"drop_oldest", "drop_newest", "fail"};
    if (options_.lossy && !block_only && chance(40))
      text += fmt::format(", policy: {}", policies[pick(0, 2)]);
    return text;
  }

  std::string add(const std::string& type, const std::string& inputs, int rate,
                  const std::vector<std::string>& outputs, bool batches, bool block_only = false,
                  const std::string& feedback = {}) {
    const std::string name = fmt::format("n{}", count_++);
    nodes_ += fmt::format("  {}: {{type: {}, inputs: {{{}}}{}{}}}\n", name, type, inputs,
                          feedback.empty() ? "" : fmt::format(", feedback: {{{}}}", feedback),
                          settings(batches, block_only));
    const bool own_rates = outputs.size() > 1;
    for (const std::string& port : outputs)
      ports_.push_back({name + "." + port, own_rates ? rates_++ : rate, false});
    return name;
  }

  void add_any() {
    const size_t a = any_port();
    const int rate = ports_[a].rate;
    switch (pick(0, 8)) {
      case 0:
      case 1: {
        std::string inputs = "a: " + use(a);
        int joined = rate;
        for (int tries = 0; tries < 4; ++tries) {
          const size_t b = any_port();
          if (rate != 0 && ports_[b].rate != 0 && ports_[b].rate != rate) continue;
          inputs += ", b: " + use(b);
          joined = std::max(rate, ports_[b].rate);
          break;
        }
        add(chance(20) ? "number.mix_slowly" : "number.mix", inputs, joined, {"v"}, true);
        break;
      }
      case 2:
        add("number.together", "a: " + use(a), rate, {"v"}, true);
        break;
      case 3:
        add("number.expand", "a: " + use(a), rates_++, {"v"}, false);
        break;
      case 4:
        add("number.sum", "a: " + use(a), 0, {"some", "rest"}, false);
        break;
      case 5:
      case 6:
        add("number.count", "a: " + use(a), rates_++, {"v"}, false);
        break;
      case 7:
        add_loop(a);
        break;
      case 8:
        add("number.end", "a: " + use(a), 0, {}, true);
        break;
    }
  }

  void add_loop(size_t a) {
    const int between = pick(0, 2);
    const std::string answer = fmt::format("n{}", count_ + 1 + between);
    add("number.window", "a: " + use(a), rates_++, {"v"}, false, true, "seek: " + answer + ".seek");
    for (int i = 0; i < between; ++i) {
      const size_t last = ports_.size() - 1;
      add(chance(50) ? "number.mix" : "number.together", "a: " + use(last), ports_[last].rate, {"v"}, true,
          true);
    }
    add("number.answer", "a: " + use(ports_.size() - 1), 0, {"v", "seek"}, false, true);
    ports_.back().used = true;
  }

  std::mt19937_64 random_;
  Options options_;
  std::vector<OpenPort> ports_;
  std::string nodes_;
  int count_ = 0, rates_ = 1;
};

}  // namespace millrace
