#include "nodes/text_decode.h"

#include <nlohmann/json.hpp>

#include "base/json_file.h"
#include "base/limits.h"
#include "nodes/model_cache.h"

namespace millrace {
namespace {

// What the parameters say, by the options' names.
nlohmann::json given(const TextDecode::Params& params) {
  auto values = nlohmann::json::object();
  const auto put = [&](const char* name, const auto& value) {
    if (value) values[name] = *value;
  };
  put("max_new_tokens", params.max_new_tokens);
  put("min_new_tokens", params.min_new_tokens);
  put("do_sample", params.do_sample);
  put("temperature", params.temperature);
  put("top_k", params.top_k);
  put("top_p", params.top_p);
  put("min_p", params.min_p);
  put("typical_p", params.typical_p);
  put("repetition_penalty", params.repetition_penalty);
  put("frequency_penalty", params.frequency_penalty);
  put("presence_penalty", params.presence_penalty);
  put("no_repeat_ngram_size", params.no_repeat_ngram_size);
  put("seed", params.seed);
  put("num_beams", params.num_beams);
  put("length_penalty", params.length_penalty);
  put("prompt_lookup_num_tokens", params.prompt_lookup_num_tokens);
  if (!params.stop_strings.empty()) values["stop_strings"] = params.stop_strings;
  return values;
}

std::shared_ptr<const OutputForm> output_form(const TextDecode::Params& params, const Tokenizer& tokenizer) {
  if (!params.json_schema.empty() && !params.regex.empty())
    fail(ErrorKind::pipeline, "text.decode: a text has the form of json_schema or of regex, not of both");
  if (!params.regex.empty()) return OutputForm::regex(params.regex, tokenizer);
  if (params.json_schema.empty()) return nullptr;
  const bool is_text = params.json_schema.find_first_of("{\n") != std::string::npos;
  return OutputForm::json_schema(
      is_text ? params.json_schema : read_text(params.json_schema, ErrorKind::input, limits::kConfigBytes),
      tokenizer);
}

}  // namespace

TextDecode::TextDecode(const Params& params, Resources& resources)
    : model_(resources.get<ModelCache>().get(params.model)), name_(params.model) {
  const std::string& source = model_->methods->source();
  if (!model_->text_decoder) fail_at(ErrorKind::model, source, "has no text decoder");
  options_ = with_options(options_of(model_->generation), given(params), ErrorKind::pipeline, "text.decode");
  if (model_->tokenizer) form_ = output_form(params, *model_->tokenizer);
  cancel_ = resources.find<CancelToken>();
  runner_ = std::make_shared<Runner>(Runner::Parts{.decoder = model_->text_decoder,
                                                   .tokenizer = model_->tokenizer,
                                                   .batch = {.slots = static_cast<int>(params.sequences),
                                                             .max_length = params.context_length,
                                                             .cancel = cancel_.get()}});
}

TextDecode::State TextDecode::begin(const In& in) const {
  if (in.turn && in.turn->cancelled()) return {.generation = nullptr, .turn = in.turn};
  Runner::Prompt prompt{.tokens = in.tokens->ids};
  if (in.embeddings) prompt.fed = in.embeddings->prompt;
  return {.generation = runner_->start(std::move(prompt), options_, form_, in.turn ? in.turn->over : nullptr),
          .turn = in.turn};
}

bool TextDecode::next(State& state, Emit<Out>& emit) const {
  auto text = state.generation ? state.generation->next() : std::nullopt;
  if (text) {
    if (!text->empty())
      emit({.piece = make_ref(TextPiece{.text = *std::move(text), .turn = state.turn}),
            .completion = nullptr});
    return true;
  }
  const Generated nothing{.text = {}, .tokens = {}, .reason = FinishReason::cancelled};
  Out last{.completion = make_ref(
               Completion{name_, state.generation ? state.generation->result() : nothing, state.turn})};
  if (state.turn)
    last.piece = make_ref(TextPiece{.text = {}, .turn = state.turn, .completion = last.completion});
  emit(std::move(last));
  return false;
}

}  // namespace millrace
