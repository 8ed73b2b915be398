#include "backends/label_embeddings.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

constexpr int64_t kTogether = 64;  // texts that are embedded at once

std::vector<std::string> prompts_of(std::span<const std::string> labels, const std::string& prompt) {
  constexpr std::string_view kPlace = "{}";
  if (prompt.find(kPlace) == std::string::npos)
    fail(ErrorKind::pipeline, "the prompt '{}' has no place {{}} for a label", prompt);
  std::vector<std::string> texts;
  for (const auto& label : labels) {
    std::string text = prompt;
    for (size_t at = 0; (at = text.find(kPlace, at)) != std::string::npos; at += label.size())
      text.replace(at, kPlace.size(), label);
    texts.push_back(std::move(text));
  }
  return texts;
}

// Rows [first, first + count) of a matrix.
Tensor some_rows(const Tensor& matrix, int64_t first, int64_t count) {
  const size_t row = matrix.bytes().size() / static_cast<size_t>(matrix.dim(0));
  return Tensor(matrix.dtype(), {count, matrix.dim(1)},
                matrix.bytes().subspan(static_cast<size_t>(first) * row, static_cast<size_t>(count) * row),
                {});
}

}  // namespace

Tensor embed_labels(const LoadedModel& model, std::span<const std::string> labels,
                    const std::string& prompt) {
  const std::string& source = model.methods->source();
  if (!model.zero_shot)
    fail_at(ErrorKind::model, source, "does not compare pictures with texts{}",
            model.labels ? ": it has labels of its own, so leave --labels out"
                         : ": CLIP and SigLIP do, with both their encoders");
  if (!model.tokenizer)
    fail_at(ErrorKind::model, source, "has no tokenizer, without which labels cannot be read");
  const auto texts = prompts_of(labels, prompt);
  const TextBatch batch = batch_of_texts(*model.tokenizer, texts, model.zero_shot->texts);
  const auto count = std::ssize(texts);
  Tensor result;
  for (int64_t first = 0; first < count; first += kTogether) {
    const int64_t some = std::min(kTogether, count - first);
    NamedTensors arguments = {{"input_ids", some_rows(batch.input_ids, first, some)}};
    if (!batch.attention_mask.empty())
      arguments.emplace("attention_mask", some_rows(batch.attention_mask, first, some));
    const auto results = model.methods->run("text_embedding", arguments);
    const Tensor& embeds = results.at("text_embeds");
    if (first == 0) result = Tensor(DType::float32, {count, embeds.dim(1)});
    std::ranges::copy(embeds.values<float>(), result.mutable_data<float>() + first * embeds.dim(1));
  }
  return result;
}

}  // namespace millrace
