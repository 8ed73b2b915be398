#include "nodes/talk_converse.h"

#include <algorithm>
#include <utility>

#include "nodes/model_cache.h"

namespace millrace {
namespace {

constexpr int64_t kLongestContext = 32768;  // as text.decode's

}  // namespace

TalkConverse::TalkConverse(const Params& params, Resources& resources)
    : model_(resources.get<ModelCache>().get(params.model)), system_(params.system) {
  const std::string& source = model_->methods->source();
  if (!model_->chat_template) fail_at(ErrorKind::model, source, "has no chat template, so it can't converse");
  if (!model_->text_decoder || !model_->tokenizer)
    fail_at(ErrorKind::model, source, "has no {}", model_->text_decoder ? "tokenizer" : "text decoder");
  const int64_t context = params.context_length > 0
                              ? params.context_length
                              : std::min(model_->text_decoder->max_length(), kLongestContext);
  most_tokens_ = std::max(context - params.answer_tokens, context / 2);
}

// A newer utterance has begun where the turn is cancelled: what was said is answered with that one.
void TalkConverse::operator()(State& state, const In& in, Emit<Out>& emit) const {
  if (in.answer) return state.dialogue.answer(in.answer->generated.text);
  const Heard& heard = *in.heard;
  if (!heard.text.empty()) state.said += (state.said.empty() ? "" : " ") + heard.text;
  if (!heard.utterance.ends || heard.utterance.turn.cancelled() || state.said.empty()) return;
  state.dialogue.say(std::exchange(state.said, {}));
  state.dialogue.shorten([this](const Dialogue& dialogue) { return fits(dialogue); });
  emit({.conversation = state.dialogue.to_json(), .turn = heard.utterance.turn});
}

bool TalkConverse::fits(const Dialogue& dialogue) const {
  const auto prompt =
      model_->chat_template->render({{"messages", dialogue.messages()}, {"add_generation_prompt", true}});
  return std::ssize(model_->tokenizer->encode(prompt, /*special=*/false)) <= most_tokens_;
}

}  // namespace millrace
