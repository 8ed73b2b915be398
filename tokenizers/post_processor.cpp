#include "tokenizers/post_processor.h"

#include <string>

#include "tokenizers/vocabulary.h"

namespace millrace {
namespace {

TokenId token_id(const ComponentSpec& spec, const nlohmann::json& value) {
  if (!value.is_number_integer() || value.get<int64_t>() < 0 || value.get<int64_t>() > Vocabulary::kMostId)
    spec.refuse("{} is not the id of a token", value.dump());
  return value.get<TokenId>();
}

PostProcessor from_template(const ComponentSpec& spec) {
  PostProcessor made;
  int texts = 0;
  for (const ComponentSpec& piece : spec.list("single")) {
    if (piece.has("Sequence")) {
      if (piece.part("Sequence").text("id") != "A")
        piece.refuse("a template for one text has the sequence 'B'");
      ++texts;
      continue;
    }
    const std::string name = piece.part("SpecialToken").text("id");
    const ComponentSpec tokens = spec.part("special_tokens");
    if (!tokens.has(name)) spec.refuse("the template names '{}', which its special_tokens lack", name);
    for (const ComponentSpec& id : tokens.part(name).list("ids"))
      (texts == 0 ? made.before : made.after).push_back(token_id(id, id.value()));
  }
  if (texts != 1) spec.refuse("a template must hold the text once, not {} times", texts);
  return made;
}

// ["</s>", 2], as the BERT and RoBERTa processors name tokens.
TokenId named_token(const ComponentSpec& spec, std::string_view key) {
  const auto pair = spec.list(key);
  if (pair.size() != 2) spec.refuse("'{}' must be [token, id]", key);
  return token_id(pair[1], pair[1].value());
}

PostProcessor from_sequence(const ComponentSpec& spec) {
  PostProcessor made;
  for (const ComponentSpec& part : spec.list("processors")) {
    const PostProcessor inner = make_post_processor(part);
    made.before.insert(made.before.begin(), inner.before.begin(), inner.before.end());
    made.after.insert(made.after.end(), inner.after.begin(), inner.after.end());
  }
  return made;
}

}  // namespace

PostProcessor make_post_processor(const ComponentSpec& spec) {
  const std::string type = spec.type();
  if (type == "ByteLevel") return {};  // moves offsets, adds nothing
  if (type == "TemplateProcessing") return from_template(spec);
  if (type == "BertProcessing" || type == "RobertaProcessing")
    return {{named_token(spec, "cls")}, {named_token(spec, "sep")}};
  if (type == "Sequence") return from_sequence(spec);
  spec.refuse_type("post-processor",
                   {"BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing"});
}

}  // namespace millrace
