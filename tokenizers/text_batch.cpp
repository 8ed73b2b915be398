#include "tokenizers/text_batch.h"

#include <algorithm>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"
#include "tokenizers/component_spec.h"

namespace millrace {
namespace {

// A text's tokens, of which the last are left out where there are more than `most`, but for the special ones
// around them.
std::vector<TokenId> tokens_of(const Tokenizer& tokenizer, const std::string& text, int64_t most) {
  auto whole = tokenizer.encode(text, /*special=*/true);
  const int64_t cut = std::ssize(whole) - most;
  if (cut <= 0) return whole;
  const auto words = tokenizer.encode(text, /*special=*/false);
  if (cut > std::ssize(words))
    fail(ErrorKind::input, "{} tokens have no room for a text beside the special ones", most);
  const auto begin = std::ranges::search(whole, words).begin();
  whole.erase(begin + std::ssize(words) - cut, begin + std::ssize(words));
  return whole;
}

// Tokenizers of these classes pad before the text, where nothing is said.
bool pads_left(const std::string& tokenizer_class) {
  return tokenizer_class.starts_with("Gemma") || tokenizer_class.starts_with("Siglip2");
}

}  // namespace

void read_text_batch_options(const std::filesystem::path& folder, const Tokenizer& tokenizer,
                             TextBatchOptions& options) {
  auto pad = tokenizer.special_token("pad_token");
  if (!pad) pad = tokenizer.special_token("eos_token");
  if (const auto id = pad ? tokenizer.id_of(*pad) : std::nullopt) options.pad = *id;
  const auto path = folder / "tokenizer_config.json";
  if (!path_exists(path)) return;
  const auto config = read_json(path, ErrorKind::model, limits::kConfigBytes);
  const ComponentSpec spec(config, path.string());
  if (!config.is_object()) spec.refuse("must be an object");
  if (spec.has("model_max_length")) {  // 1e30 says that there is none
    const auto& most = config["model_max_length"];
    if (!most.is_number() || most < 1) spec.refuse("'model_max_length' is no length");
    if (most < options.most) options.most = most.get<int64_t>();
  }
  const auto side = spec.text("padding_side", pads_left(spec.text("tokenizer_class", "")) ? "left" : "right");
  if (side != "left" && side != "right") spec.refuse("'padding_side' is neither left nor right");
  options.pad_left = side == "left";
  if (spec.has("model_input_names")) {
    const auto& names = config["model_input_names"];
    options.mask = std::ranges::count(names, "attention_mask") > 0;
  }
}

TextBatch batch_of_texts(const Tokenizer& tokenizer, std::span<const std::string> texts,
                         const TextBatchOptions& options) {
  std::vector<std::vector<TokenId>> rows;
  int64_t length = options.fill ? options.most : 1;
  for (const auto& text : texts) {
    rows.push_back(tokens_of(tokenizer, text, options.most));
    length = std::max(length, std::ssize(rows.back()));
  }
  const Shape shape = {std::ssize(texts), length};
  TextBatch batch{.input_ids = Tensor(DType::int64, shape),
                  .attention_mask = options.mask ? Tensor(DType::int64, shape) : Tensor()};
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t count = std::ssize(rows[i]), at = static_cast<int64_t>(i) * length;
    const int64_t begin = at + (options.pad_left ? length - count : 0);
    int64_t* ids = batch.input_ids.mutable_data<int64_t>();
    std::fill_n(ids + at, length, int64_t{options.pad});
    std::ranges::copy(rows[i], ids + begin);
    if (options.mask) std::fill_n(batch.attention_mask.mutable_data<int64_t>() + begin, count, int64_t{1});
  }
  return batch;
}

}  // namespace millrace
