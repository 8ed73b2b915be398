#include "decoders/speech/timestamp_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace {

TimestampRules::TimestampRules(const SpeechTokens& tokens, int latest_first)
    : end_of_text_(tokens.end_of_text),
      no_timestamps_(tokens.no_timestamps),
      begin_(tokens.timestamp_begin),
      end_(tokens.timestamp_end),
      latest_first_(latest_first) {}

void TimestampRules::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  rule_out(logits, no_timestamps_);
  const auto written = so_far.generated;
  const auto is_timestamp = [&](TokenId token) { return token >= begin_; };

  if (written.empty()) {
    rule_out(logits, 0, begin_);
    if (latest_first_ >= 0) rule_out(logits, begin_ + latest_first_ + 1, end_);
    return;
  }

  const bool last = is_timestamp(written.back());
  const bool before_last = written.size() < 2 || is_timestamp(written[written.size() - 2]);
  if (last && before_last) rule_out(logits, begin_, end_);      // text has to follow a pair
  if (last && !before_last) rule_out(logits, 0, end_of_text_);  // the second of a pair, or the end

  const auto latest = std::find_if(written.rbegin(), written.rend(), is_timestamp);
  if (latest != written.rend()) {
    // The second of a pair may repeat the first; an end must lie after its start, or a segment without length
    // would be decoded over and over.
    const bool may_repeat = last && !before_last;
    rule_out(logits, begin_, *latest + (may_repeat ? 0 : 1));
  }

  const auto text = logits.first(std::min(logits.size(), static_cast<size_t>(begin_)));
  const auto times = logits.subspan(text.size());
  if (text.empty() || times.empty()) return;
  const float best_text = *std::max_element(text.begin(), text.end());
  const float best_time = *std::max_element(times.begin(), times.end());
  if (best_time == -std::numeric_limits<float>::infinity()) return;
  double sum = 0;
  for (const float time : times) sum += std::exp(static_cast<double>(time - best_time));
  if (static_cast<double>(best_time) + std::log(sum) > static_cast<double>(best_text))
    rule_out(logits, 0, begin_);
}

}  // namespace millrace
