#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "decoders/constraint/grammar.h"

namespace millrace {

// Where JSON may have white space: between what belongs together a space at most, or a line's end and up to
// 20 spaces or tabs, and none before ',' and ':'; or nowhere.
enum class JsonSpacing : uint8_t { free, none };

// The pieces of which JSON consists. Escapes are those of well-formed text: no surrogate stands alone. Free
// integers have up to 18 digits and fractions up to 18, so that no number goes on for ever.
class JsonPieces {
 public:
  using Piece = GrammarBuilder::Piece;
  using Rule = GrammarBuilder::Rule;

  JsonPieces(GrammarBuilder& builder, JsonSpacing spacing);

  Piece space();
  Piece value();  // any
  Piece object();
  Piece array();
  Piece string();
  Piece number();
  Piece integer();
  Piece literal(const nlohmann::json& value);  // as it is, without white space

  Piece character();  // of a string, escaped where it has to be
  Piece string_of_length(int64_t least, std::optional<int64_t> most);
  // A string other than these, and without escapes.
  Piece string_except(const std::vector<std::string>& names);

  // [open] items [close], with commas between.
  Piece braced(char open, Piece items, char close);
  // "," with the white space after it.
  Piece comma();
  // Any number of items from `least` to `most`, with commas between.
  Piece listed(const std::function<Piece()>& item, int64_t least, std::optional<int64_t> most);

 private:
  Rule defined(std::optional<Rule>& rule, const std::function<Piece()>& make);

  GrammarBuilder& builder_;
  JsonSpacing spacing_;
  std::optional<Rule> space_, value_, object_, array_, string_, number_, integer_;
};

// Any JSON object, as OpenAI's response format "json_object".
Grammar json_object_grammar(JsonSpacing spacing = JsonSpacing::free);

}  // namespace millrace
