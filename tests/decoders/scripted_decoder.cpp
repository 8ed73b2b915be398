#include "tests/decoders/scripted_decoder.h"

#include <algorithm>
#include <stdexcept>

namespace millrace::testing {
namespace {

class ScriptedSession : public DecoderSession {
 public:
  ScriptedSession(const ScriptedDecoder& decoder, int slots, int64_t max_length)
      : decoder_(decoder), slots_(static_cast<size_t>(slots)), max_length_(max_length) {}

  int slots() const override { return static_cast<int>(slots_.size()); }
  int64_t max_length() const override { return max_length_; }
  int64_t length(int slot) const override { return static_cast<int64_t>(at(slot).tokens.size()); }

  int add_memory(const Tensor& states) override {
    std::erase_if(memories_, [&](const auto& memory) {
      return std::ranges::none_of(slots_, [&](const Slot& slot) { return slot.memory == memory.first; });
    });
    memories_[added_] = states;
    return added_++;
  }
  void attach(int slot, int memory) override { at(slot).memory = memory; }

  Tensor step(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment) override {
    return run(feeds, alignment, false);
  }
  Tensor step_all(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment) override {
    return run(feeds, alignment, true);
  }
  int64_t resume(int slot, int64_t same, int64_t) override {
    truncate(slot, same);
    return same;
  }
  void truncate(int slot, int64_t length) override {
    auto& tokens = at(slot).tokens;
    tokens.resize(std::min(tokens.size(), static_cast<size_t>(length)));
  }
  void reorder(std::span<const int> sources) override {
    const auto before = slots_;
    for (size_t i = 0; i < sources.size(); ++i) slots_.at(i) = before.at(static_cast<size_t>(sources[i]));
  }

 private:
  struct Slot {
    std::vector<TokenId> tokens;
    int memory = -1;
  };
  Slot& at(int slot) { return slots_.at(static_cast<size_t>(slot)); }
  const Slot& at(int slot) const { return slots_.at(static_cast<size_t>(slot)); }

  Tensor run(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment, bool all) {
    std::vector<float> logits;
    int64_t rows = 0;
    ScriptedDecoder::Fed fed;
    for (const DecoderFeed& feed : feeds) {
      if (feed.tokens.empty()) throw std::logic_error("nothing is fed");
      Slot& slot = at(feed.slot);
      const bool attends = decoder_.script().attends;
      if (attends && slot.memory < 0) throw std::logic_error("the slot attends to nothing");
      const Tensor memory = attends ? memories_.at(slot.memory) : Tensor();
      const int known_by = attends ? static_cast<int>(memory.data<float>()[0]) : -1;
      for (size_t i = 0; i < feed.tokens.size(); ++i) {
        slot.tokens.push_back(feed.tokens[i]);
        if (!all && i + 1 < feed.tokens.size()) continue;
        const auto row = decoder_.script().logits(known_by, slot.tokens);
        logits.insert(logits.end(), row.begin(), row.end());
        ++rows;
      }
      if (length(feed.slot) > max_length_) throw std::logic_error("the cache is full");
      fed[feed.slot] = slot.tokens;
      if (alignment != nullptr) attend(*alignment, static_cast<int64_t>(feed.tokens.size()), memory.dim(0));
    }
    if (decoder_.script().records) decoder_.calls.push_back(std::move(fed));
    return Tensor::from<float>({rows, decoder_.vocabulary()}, logits);
  }

  void attend(AlignmentRequest& request, int64_t positions, int64_t frames) const {
    std::vector<float> weights;
    for (size_t head = 0; head < request.heads.size(); ++head)
      for (int64_t position = 0; position < positions; ++position)
        for (int64_t frame = 0; frame < frames; ++frame)
          weights.push_back(decoder_.script().attention(position, frame));
    request.weights =
        Tensor::from<float>({static_cast<int64_t>(request.heads.size()), positions, frames}, weights);
  }

  const ScriptedDecoder& decoder_;
  std::vector<Slot> slots_;
  std::map<int, Tensor> memories_;
  int added_ = 0;
  int64_t max_length_;
};

}  // namespace

std::unique_ptr<DecoderSession> ScriptedDecoder::begin(int slots, int64_t max_length) const {
  return std::make_unique<ScriptedSession>(*this, slots, max_length);
}

}  // namespace millrace::testing
