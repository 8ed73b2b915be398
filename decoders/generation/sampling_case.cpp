#include "decoders/generation/sampling_case.h"

#include <array>
#include <cmath>
#include <limits>

#include "base/suggest.h"
#include "decoders/rules/generation_rules.h"
#include "decoders/search/sampler.h"

namespace millrace {
namespace {

const std::array<std::string, 4> kKeys = {"logits", "prompt_ids", "generated_ids", "params"};

std::vector<float> read_logits(const nlohmann::json& document, const std::string& place) {
  const auto found = document.find("logits");
  if (found == document.end() || !found->is_array() || found->empty())
    fail_at(ErrorKind::input, place, "'logits' should be a list of numbers, with null for -infinity");
  std::vector<float> logits;
  for (const auto& logit : *found) {
    if (!logit.is_null() && !logit.is_number())
      fail_at(ErrorKind::input, place, "'logits' holds numbers and null for -infinity, but logit {} is {}",
              logits.size(), logit.type_name());
    logits.push_back(logit.is_null() ? -std::numeric_limits<float>::infinity() : logit.get<float>());
    if (!logit.is_null() && !std::isfinite(logits.back()))
      fail_at(ErrorKind::input, place, "logit {} is beyond float32", logits.size() - 1);
  }
  return logits;
}

std::vector<TokenId> read_ids(const nlohmann::json& document, const std::string& key,
                              const std::string& place) {
  const auto found = document.find(key);
  if (found == document.end() || found->is_null()) return {};
  if (!found->is_array()) fail_at(ErrorKind::input, place, "'{}' should be a list of token ids", key);
  std::vector<TokenId> ids;
  for (const auto& id : *found) {
    if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<TokenId>::max())
      fail_at(ErrorKind::input, place, "'{}' should be a list of token ids, but holds {}", key,
              id.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    ids.push_back(id.get<TokenId>());
  }
  return ids;
}

GenerationOptions read_options(const nlohmann::json& document, int64_t vocabulary, const std::string& place) {
  const auto found = document.find("params");
  if (found == document.end() || found->is_null()) return {};
  auto options = with_options({}, *found, ErrorKind::input, place);
  options.check(ErrorKind::input, place, vocabulary);
  return options;
}

}  // namespace

TokenChances sampling_case(const nlohmann::json& document, const std::string& place) {
  if (!document.is_object())
    fail_at(ErrorKind::input, place, "a case is an object, {{\"logits\": [0.5, null], \"params\": {{}}}}");
  for (const auto& [key, value] : document.items())
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end())
      fail_at(ErrorKind::input, place, "a case has no '{}'{}", key, did_you_mean(key, kKeys));
  auto logits = read_logits(document, place);
  const auto options = read_options(document, static_cast<int64_t>(logits.size()), place);
  const auto prompt = read_ids(document, "prompt_ids", place);
  const auto generated = read_ids(document, "generated_ids", place);

  if (options.num_beams > 1) logits = log_probabilities_of(logits);  // what beams add up
  apply_rules(make_rules(options), {.prompt = prompt, .generated = generated}, logits);
  if (options.temperature > 0) return chances_of(logits);
  const TokenId best = Sampler(0).sample(logits, 0);
  if (best < 0) return {};
  return {.kept = {best}, .probabilities = {1}};
}

}  // namespace millrace
