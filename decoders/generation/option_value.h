#pragma once
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "decoders/rules/sequence_rules.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

// One option's value as JSON gives it, read as what is expected there; anything else is Error(kind) at
// `place` that names the option, what was expected and what is there.
class OptionValue {
 public:
  OptionValue(std::string name, const nlohmann::json& value, ErrorKind kind, std::string place)
      : name_(std::move(name)), value_(value), kind_(kind), place_(std::move(place)) {}

  bool flag() const;
  int64_t integer() const;
  double real() const;
  std::string text() const;
  TokenId token() const;
  std::vector<TokenId> tokens() const;                  // one alone is a list of one; -1 (none) is left out
  std::vector<std::string> texts() const;               // one alone is a list of one
  std::vector<std::vector<TokenId>> sequences() const;  // of token ids, none of them empty
  SequenceBias::Biases biases() const;                  // [[[ids], bias], …]
  std::map<TokenId, float> token_biases() const;        // {"id": bias}
  std::pair<int64_t, double> integer_and_real() const;  // [3, 1.2]

  const nlohmann::json& json() const { return value_; }
  [[noreturn]] void refuse(std::string_view expected) const;

 private:
  TokenId as_token(const nlohmann::json& value, std::string_view expected) const;

  std::string name_;
  const nlohmann::json& value_;
  ErrorKind kind_;
  std::string place_;
};

}  // namespace millrace
