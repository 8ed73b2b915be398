#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/loaded_model.h"
#include "decoders/generation/runner.h"
#include "graph/contract.h"
#include "nodes/text_packets.h"

namespace millrace {

//   text: {type: text.decode, inputs: {tokens: tokens.tokens, embeddings: embedded.embeddings}, model:
//   $model}
struct TextDecode {
  // Of generation, those that are given; the others are the model's own.
  struct Params {
    std::string model;
    std::optional<int64_t> max_new_tokens, min_new_tokens, top_k, no_repeat_ngram_size, seed, num_beams,
        prompt_lookup_num_tokens;
    std::optional<double> temperature, top_p, min_p, typical_p, repetition_penalty, frequency_penalty,
        presence_penalty, length_penalty;
    std::optional<bool> do_sample;
    std::vector<std::string> stop_strings;
    std::string json_schema, regex;
    int64_t sequences = 4;
    int64_t context_length = 0;
  };
  struct In {
    Ref<TokenIds> tokens;
    Ref<TokenEmbeddings> embeddings;
    Ref<Turn> turn = nullptr;
  };
  struct Out {
    Ref<TextPiece> piece = nullptr;
    Ref<Completion> completion = nullptr;
  };
  struct State {
    std::unique_ptr<Runner::Generation> generation;  // null: cancelled before it began
    Ref<Turn> turn;
  };

  static constexpr auto contract = make_contract(
      {.type = "text.decode",
       .help =
           "Writes what follows a prompt, a piece at a time; texts that are under way together are computed "
           "together.",
       .blocking = true},
      params(
          param<&Params::model>("model", "with a method `text_decoder`", {.required = true, .model = true}),
          param<&Params::max_new_tokens>("max_new_tokens",
                                         "tokens written at most; null: up to the context's end",
                                         {.min = 1, .max = 1 << 24}),
          param<&Params::min_new_tokens>("min_new_tokens", "tokens written at least",
                                         {.min = 0, .max = 1 << 24}),
          param<&Params::do_sample>("do_sample", "tokens are drawn; otherwise the most likely is taken"),
          param<&Params::temperature>("temperature", "above 1 draws more evenly, 0 takes the most likely",
                                      {.min = 0, .max = 100}),
          param<&Params::top_k>("top_k", "draws from so many of the most likely; 0: from all",
                                {.min = 0, .max = 1 << 24}),
          param<&Params::top_p>("top_p", "draws from the most likely that together have this probability",
                                {.min = 0, .max = 1}),
          param<&Params::min_p>("min_p",
                                "draws from those at least so likely as this part of the most likely",
                                {.min = 0, .max = 1}),
          param<&Params::typical_p>("typical_p",
                                    "draws from the most typical that together have this probability",
                                    {.min = 0, .max = 1}),
          param<&Params::repetition_penalty>("repetition_penalty",
                                             "above 1 makes tokens that were seen less likely",
                                             {.min = 0.01, .max = 100}),
          param<&Params::frequency_penalty>("frequency_penalty",
                                            "taken from a token's score each time that it was written",
                                            {.min = -2, .max = 2}),
          param<&Params::presence_penalty>(
              "presence_penalty", "taken from the score of tokens that were written", {.min = -2, .max = 2}),
          param<&Params::no_repeat_ngram_size>("no_repeat_ngram_size",
                                               "no run of this many tokens appears twice; 0 allows",
                                               {.min = 0, .max = 1 << 20}),
          param<&Params::seed>("seed", "of what is drawn; null: another each time", {.min = 0}),
          param<&Params::num_beams>("num_beams", "beams of a beam search; 1: none", {.min = 1, .max = 64}),
          param<&Params::length_penalty>("length_penalty", "beams rank by log probability / length ^ this"),
          param<&Params::prompt_lookup_num_tokens>(
              "prompt_lookup_num_tokens",
              "tokens guessed from repetitions of the text so far; changes the speed alone",
              {.min = 0, .max = 7}),
          param<&Params::stop_strings>("stop_strings", "the text ends before any of these"),
          param<&Params::json_schema>(
              "json_schema",
              "the text is JSON that this JSON Schema lets through: its text, or the file "
              "that holds it; {} lets any JSON through"),
          param<&Params::regex>("regex", "the text fits this regular expression from end to end"),
          param<&Params::sequences>("sequences", "texts computed together", {.min = 1, .max = 256}),
          param<&Params::context_length>(
              "context_length", "tokens of prompt and answer at most; 0: what the model was made for",
              {.min = 0, .max = 1 << 24})),
      inputs(port<&In::tokens>("tokens", "the prompt"),
             optional_port<&In::embeddings>("embeddings", "the prompt as the decoder reads it"),
             optional_port<&In::turn>("turn", "that the text answers: a newer one ends it within a token")),
      outputs(optional_port<&Out::piece>("piece", "a stretch of text, as soon as it is written"),
              optional_port<&Out::completion>("completion", "all of the text, at the end")));

  TextDecode(const Params& params, Resources& resources);
  State begin(const In& in) const;
  bool next(State& state, Emit<Out>& emit) const;

 private:
  std::shared_ptr<const LoadedModel> model_;
  std::string name_;
  GenerationOptions options_;
  std::shared_ptr<const CancelToken> cancel_;
  std::shared_ptr<const OutputForm> form_;  // null: any
  std::shared_ptr<Runner> runner_;
};

}  // namespace millrace
