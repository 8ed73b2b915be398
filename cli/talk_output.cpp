#include "cli/talk_output.h"

#include <cmath>
#include <utility>

#include "cli/completion_json.h"

namespace millrace::cli {
namespace {

using Json = nlohmann::ordered_json;

double milliseconds(double seconds) { return std::round(seconds * 1000) / 1000; }

std::string line_of(const Json& event) { return event.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

void TalkOutput::heard(const Heard& heard) {
  const Utterance& utterance = heard.utterance;
  began_at_ = heard.began_at;
  open_[utterance.turn.number].asked = utterance.end;
  if (heard.text.empty()) return;
  if (json_)
    return out_.line(line_of({{"event", "heard"},
                              {"turn", utterance.turn.number},
                              {"start", milliseconds(utterance.start)},
                              {"end", milliseconds(utterance.end)},
                              {"text", heard.text},
                              {"language", heard.language},
                              {"latency", milliseconds(now() - utterance.end)}}));
  close_line(/*cancelled=*/true);
  out_.line("> " + heard.text);
}

void TalkOutput::piece(const TextPiece& piece) {
  if (!piece.turn || piece.text.empty()) return;
  const auto entry = open_.find(piece.turn->number);
  if (entry == open_.end()) return;
  Answer& answer = entry->second;
  if (answer.text.empty()) answer.start = now();
  answer.text += piece.text;
  if (json_ || entry->first != open_.rbegin()->first) return;  // something newer has been heard
  line_ = entry->first;
  out_.write(piece.text);
}

void TalkOutput::completion(const Completion& completion) {
  if (!completion.turn) return;
  const auto entry = open_.find(completion.turn->number);
  if (entry == open_.end()) return;
  const Generated& generated = completion.generated;
  Answer answer = std::move(entry->second);
  answer.text = generated.text;
  if (line_ == entry->first) close_line(generated.reason == FinishReason::cancelled);
  // Utterances before this one were answered with it, or had no words.
  open_.erase(open_.begin(), std::next(entry));
  tell_end(completion.turn->number, answer, name_of(generated.reason),
           {{"prompt_tokens", generated.prompt_tokens},
            {"cached_tokens", generated.reused_tokens},
            {"completion_tokens", generated.tokens.size()}});
}

void TalkOutput::finish() {
  close_line(/*cancelled=*/true);
  for (const auto& [turn, answer] : open_)
    if (!answer.text.empty()) tell_end(turn, answer, name_of(FinishReason::cancelled), Json::object());
  open_.clear();
}

void TalkOutput::tell_end(int64_t turn, const Answer& answer, const char* finish_reason, Json more) {
  if (!json_) return;
  const bool cancelled = finish_reason == std::string_view(name_of(FinishReason::cancelled));
  Json event = {{"event", cancelled ? "cancelled" : "answer"}, {"turn", turn}};
  if (answer.start > 0) event["start"] = milliseconds(answer.start);
  event["end"] = milliseconds(now());
  event["text"] = answer.text;
  if (!cancelled) event["finish_reason"] = finish_reason;
  if (answer.start > 0) event["latency"] = milliseconds(answer.start - answer.asked);
  event.update(more);
  out_.line(line_of(event));
}

void TalkOutput::close_line(bool cancelled) {
  if (std::exchange(line_, 0) != 0) out_.write(cancelled ? " —\n" : "\n");
}

}  // namespace millrace::cli
