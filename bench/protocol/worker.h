#pragma once
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "kernels/kernels.h"

// Millrace's end of a comparison, the same for all: a JSON object a line in, a JSON object a line out.
namespace millrace::bench {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;
using Answer = std::function<Json(const Json& request)>;

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Nothing for "file": as the file has them.
inline std::optional<kernels::WeightType> weight_type(const std::string& name) {
  if (name == "file") return std::nullopt;
  for (const auto type : {kernels::WeightType::float32, kernels::WeightType::bfloat16,
                          kernels::WeightType::int8, kernels::WeightType::int4})
    if (kernels::name_of(type) == name) return type;
  fail(ErrorKind::usage, "unknown weights '{}'", name);
}

// On `threads` threads: loads, says so, and answers requests until there are no more.
inline void serve(int threads, const std::function<Answer()>& load) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(threads));
  tbb::task_arena arena(threads);
  const auto start = Clock::now();
  const Answer answer = arena.execute(load);
  std::cout << Json{{"ready", true}, {"load_seconds", seconds_since(start)}}.dump() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    Json result = arena.execute([&] { return answer(Json::parse(line)); });
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    result["peak_mib"] = static_cast<double>(usage.ru_maxrss) / 1024;
    std::cout << result.dump() << std::endl;
  }
}

// main of a worker whose command line is `usage`.
inline int run_worker(int count, char** words, const std::string& usage,
                      const std::function<void(const std::vector<std::string>& arguments)>& run) {
  if (count - 1 != static_cast<int>(std::ranges::count(usage, ' '))) {
    std::fprintf(stderr, "%s\n", usage.c_str());
    return 2;
  }
  try {
    run({words + 1, words + count});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", words[0], error.what());
    return 70;
  }
}

}  // namespace millrace::bench
