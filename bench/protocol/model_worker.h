#pragma once
#include <memory>

#include "backends/loaded_model.h"
#include "bench/protocol/worker.h"

namespace millrace::bench {

// main of `NAME MODEL WEIGHTS|file THREADS`: loads the model, and `answer` answers with it.
template <class AnswerWith>
int run_model_worker(int count, char** words, const std::string& name, const AnswerWith& answer) {
  return run_worker(count, words, name + " MODEL WEIGHTS|file THREADS", [&](const auto& arguments) {
    serve(std::stoi(arguments[2]), [&]() -> Answer {
      const auto model = std::make_shared<const LoadedModel>(
          load_model(arguments[0], {.weights = weight_type(arguments[1])}));
      return [model, &answer](const Json& request) { return answer(*model, request); };
    });
  });
}

}  // namespace millrace::bench
