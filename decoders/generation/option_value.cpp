#include "decoders/generation/option_value.h"

#include <charconv>
#include <limits>

namespace millrace {

void OptionValue::refuse(std::string_view expected) const {
  auto shown = value_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
  fail_at(kind_, place_, "the option '{}' should be {}, but is {}", name_, expected, shown);
}

TokenId OptionValue::as_token(const nlohmann::json& value, std::string_view expected) const {
  if (!value.is_number_integer() || value < 0 || value > std::numeric_limits<TokenId>::max())
    refuse(expected);
  return value.get<TokenId>();
}

bool OptionValue::flag() const {
  if (!value_.is_boolean()) refuse("true or false");
  return value_.get<bool>();
}

int64_t OptionValue::integer() const {
  constexpr auto kMost = std::numeric_limits<int64_t>::max();
  if (!value_.is_number_integer() || (value_.is_number_unsigned() && value_.get<uint64_t>() > kMost))
    refuse("a whole number");
  return value_.get<int64_t>();
}

double OptionValue::real() const {
  if (!value_.is_number()) refuse("a number");
  return value_.get<double>();
}

std::string OptionValue::text() const {
  if (!value_.is_string()) refuse("a string");
  return value_.get<std::string>();
}

TokenId OptionValue::token() const { return as_token(value_, "a token id"); }

std::vector<TokenId> OptionValue::tokens() const {
  constexpr std::string_view kExpected = "a token id or a list of them";
  if (!value_.is_array()) return {as_token(value_, kExpected)};
  std::vector<TokenId> tokens;
  for (const auto& token : value_)
    if (token != -1) tokens.push_back(as_token(token, kExpected));
  return tokens;
}

std::vector<std::string> OptionValue::texts() const {
  if (value_.is_string()) return {value_.get<std::string>()};
  if (!value_.is_array()) refuse("a string or a list of strings");
  std::vector<std::string> texts;
  for (const auto& text : value_) {
    if (!text.is_string()) refuse("a string or a list of strings");
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

std::vector<std::vector<TokenId>> OptionValue::sequences() const {
  constexpr std::string_view kExpected = "a list of lists of token ids, none of them empty";
  if (!value_.is_array()) refuse(kExpected);
  std::vector<std::vector<TokenId>> sequences;
  for (const auto& sequence : value_) {
    if (!sequence.is_array() || sequence.empty()) refuse(kExpected);
    auto& tokens = sequences.emplace_back();
    for (const auto& token : sequence) tokens.push_back(as_token(token, kExpected));
  }
  return sequences;
}

SequenceBias::Biases OptionValue::biases() const {
  constexpr std::string_view kExpected = "a list of pairs of token ids and a bias, [[[1, 2], 0.5]]";
  if (!value_.is_array()) refuse(kExpected);
  SequenceBias::Biases biases;
  for (const auto& pair : value_) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_array() || pair[0].empty() ||
        !pair[1].is_number())
      refuse(kExpected);
    std::vector<TokenId> sequence;
    for (const auto& token : pair[0]) sequence.push_back(as_token(token, kExpected));
    biases[sequence] = pair[1].get<float>();
  }
  return biases;
}

std::map<TokenId, float> OptionValue::token_biases() const {
  constexpr std::string_view kExpected = "an object of biases by token id, {\"42\": -100}";
  if (!value_.is_object()) refuse(kExpected);
  std::map<TokenId, float> biases;
  for (const auto& [id, bias] : value_.items()) {
    TokenId token = -1;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), token);
    if (error != std::errc() || end != id.data() + id.size() || token < 0 || !bias.is_number())
      refuse(kExpected);
    biases[token] = bias.get<float>();
  }
  return biases;
}

std::pair<int64_t, double> OptionValue::integer_and_real() const {
  if (!value_.is_array() || value_.size() != 2 || !value_[0].is_number_integer() || !value_[1].is_number())
    refuse("a pair of a number of tokens and a factor, [3, 1.2]");
  return {value_[0].get<int64_t>(), value_[1].get<double>()};
}

}  // namespace millrace
