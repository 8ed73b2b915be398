#pragma once
#include <memory>
#include <string>

#include "decoders/constraint/grammar_constraint.h"
#include "decoders/rules/logit_rules.h"

namespace millrace {

// The form that generated texts must have: what a regular expression fits, or JSON that a schema lets
// through. Immutable: one serves all texts of a model.
class OutputForm {
 public:
  // Error(input) that says where the pattern or the schema is wrong.
  static std::shared_ptr<const OutputForm> regex(const std::string& pattern, const Tokenizer& tokenizer);
  // `schema` is JSON; "{}" lets any JSON through.
  static std::shared_ptr<const OutputForm> json_schema(const std::string& schema, const Tokenizer& tokenizer);

  // The rule for one text.
  std::shared_ptr<const LogitRule> rule(const std::vector<TokenId>& end_tokens) const;

 private:
  OutputForm(Grammar grammar, const Tokenizer& tokenizer);

  Grammar grammar_;
  std::shared_ptr<const TokenTrie> trie_;
};

}  // namespace millrace
