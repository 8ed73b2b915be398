#include "cli/completion_json.h"

#include <ctime>
#include <random>
#include <string>

#include <fmt/core.h>

namespace millrace::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string new_id(const char* prefix) {
  std::random_device device;
  return fmt::format("{}-{:08x}{:08x}{:08x}", prefix, device(), device(), device());
}

Json completion_object(const Completion& completion, const char* object, const char* id_prefix, Json choice) {
  const Generated& generated = completion.generated;
  const auto written = std::ssize(generated.tokens);
  choice["finish_reason"] = name_of(generated.reason);
  const double writing = generated.seconds - generated.prompt_seconds;
  const auto per_second = [](double count, double seconds) { return seconds > 0 ? count / seconds : 0; };
  return {{"id", new_id(id_prefix)},
          {"object", object},
          {"created", std::time(nullptr)},
          {"model", completion.model},
          {"choices", Json::array({std::move(choice)})},
          {"usage",
           {{"prompt_tokens", generated.prompt_tokens},
            {"completion_tokens", written},
            {"total_tokens", generated.prompt_tokens + written},
            {"prompt_tokens_details", {{"cached_tokens", generated.reused_tokens}}}}},
          {"timings",
           {{"prompt_seconds", generated.prompt_seconds},
            {"prompt_per_second",
             per_second(static_cast<double>(generated.prompt_tokens - generated.reused_tokens),
                        generated.prompt_seconds)},
            {"predicted_seconds", writing},
            {"predicted_per_second", per_second(static_cast<double>(written - 1), writing)}}}};
}

}  // namespace

const char* name_of(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "stop";
    case FinishReason::length:
      return "length";
    case FinishReason::cancelled:
      break;
  }
  return "cancelled";
}

Json chat_completion(const Completion& completion) {
  return completion_object(completion, "chat.completion", "chatcmpl",
                           {{"index", 0},
                            {"message", {{"role", "assistant"}, {"content", completion.generated.text}}},
                            {"logprobs", nullptr}});
}

Json text_completion(const Completion& completion) {
  return completion_object(completion, "text_completion", "cmpl",
                           {{"index", 0}, {"text", completion.generated.text}, {"logprobs", nullptr}});
}

}  // namespace millrace::cli
