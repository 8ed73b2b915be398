#include "decoders/generation/output_form.h"

#include "base/json_file.h"
#include "decoders/constraint/constraint_rule.h"
#include "decoders/constraint/regex_grammar.h"
#include "decoders/constraint/schema_grammar.h"

namespace millrace {

OutputForm::OutputForm(Grammar grammar, const Tokenizer& tokenizer)
    : grammar_(std::move(grammar)), trie_(std::make_shared<const TokenTrie>(tokenizer)) {}

std::shared_ptr<const OutputForm> OutputForm::regex(const std::string& pattern, const Tokenizer& tokenizer) {
  return std::shared_ptr<const OutputForm>(new OutputForm(regex_grammar(pattern), tokenizer));
}

std::shared_ptr<const OutputForm> OutputForm::json_schema(const std::string& schema,
                                                          const Tokenizer& tokenizer) {
  parse_json(schema, "json_schema", ErrorKind::input);  // says where it is no JSON
  return std::shared_ptr<const OutputForm>(
      new OutputForm(schema_grammar(nlohmann::ordered_json::parse(schema)), tokenizer));
}

std::shared_ptr<const LogitRule> OutputForm::rule(const std::vector<TokenId>& end_tokens) const {
  return std::make_shared<ConstraintRule>(std::make_unique<GrammarConstraint>(grammar_, trie_), end_tokens);
}

}  // namespace millrace
