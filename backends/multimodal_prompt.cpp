#include "backends/multimodal_prompt.h"

#include <algorithm>

#include "backends/arguments.h"
#include "base/error.h"

namespace millrace {
namespace {

// What the vision encoder is given, of the arguments of another method.
NamedTensors pictures_in(const MultimodalModel& model, const NamedTensors& arguments) {
  NamedTensors pictures;
  for (const auto& name : model.pictures()->arguments())
    if (const auto given = arguments.find(name); given != arguments.end()) pictures.insert(*given);
  return pictures;
}

// Embeddings of the pictures among the arguments, empty where there are none.
Tensor picture_embeddings(const MultimodalModel& model, const NamedTensors& arguments) {
  const auto pictures = pictures_in(model, arguments);
  if (!pictures.contains("pixel_values")) {
    if (!pictures.empty())
      fail(ErrorKind::input, "there is a '{}' but no 'pixel_values'", pictures.begin()->first);
    return {};
  }
  const auto optional = model.pictures()->optional_arguments();
  for (const auto& name : model.pictures()->arguments())
    if (!pictures.contains(name) && !std::ranges::count(optional, name))
      fail(ErrorKind::input, "with 'pixel_values', '{}' is needed, too", name);
  return model.pictures()->embed(pictures);
}

}  // namespace

std::vector<Tensor> embedded_rows(const MultimodalModel& model, const Tensor& input_ids,
                                  const Tensor& pictures) {
  int64_t used = 0;
  std::vector<Tensor> rows;
  for (const auto& row : token_rows(input_ids, "input_ids")) rows.push_back(model.embed(row, pictures, used));
  if (const int64_t given = pictures.count() / model.text_decoder()->embedding_width(); used != given)
    fail(ErrorKind::input, "the pictures fill {} places, but 'input_ids' has {} of token {}", given, used,
         model.image_token());
  return rows;
}

std::vector<MultimodalPrompt> multimodal_prompts(const MultimodalModel& model,
                                                 const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  std::vector<MultimodalPrompt> prompts;
  for (auto& row : embedded_rows(model, ids, picture_embeddings(model, arguments)))
    prompts.push_back({.embeddings = std::move(row), .blocks = {}});
  const auto types = arguments.find(kTokenTypes);
  if (types == arguments.end()) return prompts;
  if (types->second.dtype() != DType::int64 || types->second.shape() != ids.shape())
    misshapen(kTokenTypes, fmt::format("int64 {}", to_string(ids.shape())), types->second);
  const auto length = static_cast<size_t>(ids.dim(1));
  for (size_t i = 0; i < prompts.size(); ++i)
    prompts[i].blocks = model.blocks(types->second.values<int64_t>().subspan(i * length, length));
  return prompts;
}

}  // namespace millrace
