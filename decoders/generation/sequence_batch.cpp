#include "decoders/generation/sequence_batch.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/error.h"

namespace millrace {
namespace {

// Tokens that a sequence may be ahead of whoever reads them.
constexpr size_t kAhead = 2;
constexpr int64_t kDefaultLongest = 32768;
// How often a sequence that waits for others looks whether it is still wanted.
constexpr auto kLookForUnwanted = std::chrono::milliseconds(20);

}  // namespace

// A step changes what is its own without the lock; what readers see changes under it, in settle().
struct SequenceBatch::Running {
  SequenceRequest request;
  int slot = -1;
  int64_t fed = 0;     // of prompt and generated together
  int64_t reused = 0;  // of the prompt
  std::vector<TokenId> generated;
  size_t handed_out = 0;         // of generated, into `ready`
  bool complete = false;         // nothing follows what is generated
  std::vector<TokenId> guesses;  // being fed after the last token

  std::deque<TokenId> ready;
  bool finished = false;
  std::exception_ptr failure;
  std::atomic<bool> abandoned = false;

  TokensSoFar so_far() const { return {.prompt = request.prompt, .generated = generated}; }
  int64_t prompt_size() const { return std::ssize(request.prompt); }
  // Of a position of the prompt.
  uint64_t content(int64_t position) const {
    const auto at = static_cast<size_t>(position);
    return request.fed.contents.empty() ? static_cast<uint64_t>(request.prompt[at])
                                        : request.fed.contents[at];
  }
  int32_t block(int64_t position) const {
    const auto at = static_cast<size_t>(position);
    return request.fed.blocks.empty() ? -1 : request.fed.blocks[at];
  }
  bool reading() const { return fed < prompt_size(); }
  bool unwanted() const { return abandoned || (request.unwanted && request.unwanted->cancelled()); }
};

// A sequence of the session and what it holds, for whoever comes next.
struct SequenceBatch::Slot {
  std::shared_ptr<Running> user;
  std::vector<uint64_t> contents;  // of each position: MultimodalPrompt::contents, else the token
  std::vector<int32_t> blocks;     // of the first positions; behind them there are none
};

SequenceBatch::SequenceBatch(std::shared_ptr<const TextDecoder> decoder, Options options)
    : decoder_(std::move(decoder)), options_(std::move(options)) {
  if (options_.max_length == 0) options_.max_length = std::min(decoder_->max_length(), kDefaultLongest);
  session_ = decoder_->begin(options_.slots, options_.max_length);
  slots_.resize(static_cast<size_t>(options_.slots));
}

SequenceBatch::~SequenceBatch() = default;

void SequenceBatch::check(std::span<const TokenId> prompt, const MultimodalPrompt& fed) const {
  if (prompt.empty()) fail(ErrorKind::input, "a prompt of no tokens");
  if (std::ssize(prompt) >= options_.max_length)
    fail(ErrorKind::input, "the prompt's {} tokens leave no room for an answer within the limit of {}",
         prompt.size(), options_.max_length);
  if (!fed.embeddings.empty()) {
    const bool fits = fed.embeddings.dim(0) == std::ssize(prompt) &&
                      (fed.blocks.empty() || fed.blocks.size() == prompt.size()) &&
                      (fed.contents.empty() || fed.contents.size() == prompt.size());
    if (!fits) fail(ErrorKind::internal, "a prompt of {} tokens is fed as something else", prompt.size());
    return;
  }
  for (const TokenId token : prompt)
    if (token < 0 || token >= decoder_->vocabulary())
      fail(ErrorKind::input, "token {} is outside the vocabulary of {}", token, decoder_->vocabulary());
}

std::unique_ptr<SequenceBatch::Sequence> SequenceBatch::start(SequenceRequest request) {
  check(request.prompt, request.fed);
  auto running = std::make_shared<Running>();
  running->request = std::move(request);
  const std::lock_guard lock(mutex_);
  waiting_.push_back(running);
  return std::make_unique<Sequence>(*this, std::move(running));
}

// How much of the prompt the slot holds already. The last position is computed anyway: what follows it is
// wanted. Of a block, all is held or nothing: its positions see each other.
int64_t SequenceBatch::held(const Slot& slot, const Running& running) {
  const int64_t most = std::min(std::ssize(slot.contents), running.prompt_size() - 1);
  const auto block = [&](int64_t position) {
    return position < std::ssize(slot.blocks) ? slot.blocks[static_cast<size_t>(position)] : -1;
  };
  int64_t same = 0;
  while (same < most && slot.contents[static_cast<size_t>(same)] == running.content(same) &&
         block(same) == running.block(same))
    ++same;
  const auto cut = [&](int64_t position) {
    const int32_t before = position > 0 ? running.block(position - 1) : -1;
    return before >= 0 && (running.block(position) == before || block(position) == before);
  };
  while (cut(same)) --same;
  return same;
}

// Gives free slots to those who wait, each the one that holds most of its prompt.
void SequenceBatch::seat() {
  while (!waiting_.empty()) {
    const auto running = waiting_.front();
    if (running->unwanted()) {
      waiting_.pop_front();
      continue;
    }
    Slot* best = nullptr;
    int64_t most = -1;
    for (Slot& slot : slots_) {
      if (slot.user) continue;
      const int64_t same = held(slot, *running);
      if (same > most || (same == most && slot.contents.size() < best->contents.size()))
        best = &slot, most = same;
    }
    if (best == nullptr) return;
    waiting_.pop_front();
    running->slot = static_cast<int>(best - slots_.data());
    running->fed = running->reused = session_->resume(running->slot, most, running->prompt_size());
    best->user = running;
    best->contents.resize(static_cast<size_t>(running->reused));
    best->blocks = running->request.fed.blocks;
  }
}

// Those that a step takes further: who is ahead of their readers waits.
SequenceBatch::Members SequenceBatch::step_members() const {
  Members members;
  for (const Slot& slot : slots_)
    if (slot.user && !slot.user->finished && !slot.user->unwanted() && slot.user->ready.size() < kAhead)
      members.push_back(slot.user);
  return members;
}

// Whoever finds no step under way makes one, for all.
std::optional<TokenId> SequenceBatch::next(Running& running) {
  std::unique_lock lock(mutex_);
  while (running.ready.empty()) {
    if (running.failure) std::rethrow_exception(running.failure);
    if (running.finished || running.unwanted()) return std::nullopt;
    if (!stepping_) seat();
    const auto members = stepping_ ? Members() : step_members();
    if (members.empty()) {  // a step is under way, or all slots are of slow readers
      if (running.request.unwanted)
        stepped_.wait_for(lock, kLookForUnwanted);
      else
        stepped_.wait(lock);
      continue;
    }
    stepping_ = true;
    lock.unlock();
    std::exception_ptr failure;
    try {
      step(members);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    stepping_ = false;
    settle(members, failure);
    stepped_.notify_all();
  }
  const TokenId token = running.ready.front();
  running.ready.pop_front();
  if (running.ready.size() + 1 == kAhead) stepped_.notify_all();
  return token;
}

// Hands out what a step has brought, and frees the slots of those that have ended.
void SequenceBatch::settle(const Members& members, const std::exception_ptr& failure) {
  for (const auto& member : members) {
    for (; member->handed_out < member->generated.size(); ++member->handed_out)
      member->ready.push_back(member->generated[member->handed_out]);
    if (failure) member->failure = failure;
    member->finished = member->complete || failure;
    Slot& slot = slots_[static_cast<size_t>(member->slot)];
    slot.contents.resize(std::min(slot.contents.size(), static_cast<size_t>(session_->length(member->slot))));
    if (member->finished || member->abandoned) slot.user = nullptr;
  }
}

DecoderFeed SequenceBatch::feed_prompt(Running& running) const {
  const SequenceRequest& request = running.request;
  const int64_t first = running.fed;
  int64_t count = std::min(options_.prompt_chunk, running.prompt_size() - first);
  while (request.fed.goes_on_at(first + count)) ++count;
  running.fed += count;
  DecoderFeed feed =
      request.fed.embeddings.empty()
          ? DecoderFeed{.slot = 0,
                        .tokens = std::span(request.prompt)
                                      .subspan(static_cast<size_t>(first), static_cast<size_t>(count))}
          : request.fed.feed(first, count);
  feed.slot = running.slot;
  feed.length = running.prompt_size();
  return feed;
}

void SequenceBatch::step(const Members& members) {
  if (options_.cancel != nullptr) options_.cancel->check();
  // Logits of every position are wanted where there are guesses; a step with prompts has none of those.
  const bool prompts = std::ranges::any_of(members, [](const auto& member) { return member->reading(); });
  std::vector<DecoderFeed> feeds;
  std::vector<std::vector<uint64_t>> fed;  // contents
  std::vector<TokenId> tokens;             // of those that write, one after the other
  tokens.reserve(members.size() * (1 + kMostGuesses));
  for (const auto& member : members) {
    member->guesses.clear();
    if (member->reading()) {
      int64_t position = member->fed;
      feeds.push_back(feed_prompt(*member));
      for (fed.emplace_back(); position < member->fed; ++position)
        fed.back().push_back(member->content(position));
      continue;
    }
    const size_t first = tokens.size();
    tokens.push_back(member->generated.back());
    if (!prompts && member->request.guess) {
      auto guesses = member->request.guess(member->so_far());
      const int64_t room = std::min(std::min(session_->max_length(), decoder_->steady_length()) -
                                        session_->length(member->slot),
                                    member->request.max_new_tokens - std::ssize(member->generated)) -
                           1;
      guesses.resize(
          std::min({guesses.size(), kMostGuesses, static_cast<size_t>(std::max<int64_t>(room, 0))}));
      tokens.insert(tokens.end(), guesses.begin(), guesses.end());
      member->guesses = std::move(guesses);
    }
    ++member->fed;
    const auto written = std::span(tokens).subspan(first);
    fed.emplace_back(written.begin(), written.end());
    feeds.push_back({.slot = member->slot, .tokens = written});
  }

  const bool guessed =
      std::ranges::any_of(members, [](const auto& member) { return !member->guesses.empty(); });
  Tensor logits = guessed ? session_->step_all(feeds) : session_->step(feeds);
  auto values = std::span(logits.mutable_data<float>(), static_cast<size_t>(logits.count()));
  for (size_t i = 0; i < members.size(); ++i) {
    Running& member = *members[i];
    const auto size = (1 + member.guesses.size()) * static_cast<size_t>(decoder_->vocabulary());
    auto& held = slots_[static_cast<size_t>(member.slot)].contents;
    held.insert(held.end(), fed[i].begin(), fed[i].end());
    if (!member.reading() && !member.abandoned) choose(member, values.first(size));
    values = values.subspan(size);
  }
}

// What follows the positions that were computed: the first, and the others as far as the guesses were right.
void SequenceBatch::choose(Running& running, std::span<float> logits) const {
  const auto vocabulary = static_cast<size_t>(decoder_->vocabulary());
  const SequenceRequest& request = running.request;
  for (size_t row = 0;; ++row) {
    const TokenId token = request.choose(running.so_far(), logits.subspan(row * vocabulary, vocabulary));
    running.generated.push_back(token);
    running.complete = token < 0 || std::ranges::count(request.end_tokens, token) > 0 ||
                       std::ssize(running.generated) >= request.max_new_tokens ||
                       running.prompt_size() + std::ssize(running.generated) >= session_->max_length();
    if (running.complete || row == running.guesses.size() || running.guesses[row] != token) break;
    ++running.fed;
  }
  session_->truncate(running.slot, running.fed);
}

void SequenceBatch::stop(Running& running) {
  const std::lock_guard lock(mutex_);
  running.abandoned = true;
  if (running.slot >= 0 && !stepping_) {  // else settle() frees the slot
    Slot& slot = slots_[static_cast<size_t>(running.slot)];
    if (slot.user.get() == &running) slot.user = nullptr;
  }
  stepped_.notify_all();
}

SequenceBatch::Sequence::~Sequence() { batch_.stop(*running_); }
std::optional<TokenId> SequenceBatch::Sequence::next() { return batch_.next(*running_); }
int64_t SequenceBatch::Sequence::reused() const { return running_->reused; }

}  // namespace millrace
