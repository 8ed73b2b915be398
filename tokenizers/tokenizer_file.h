#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizers/bpe.h"
#include "tokenizers/vocabulary.h"

namespace millrace {

// What tokenizer.json holds. The tables of the model, which are nearly all of it, are read straight into
// place; the rest is a document.
struct TokenizerFile {
  nlohmann::json document;  // "model" lacks "vocab" and "merges"
  Vocabulary vocabulary;
  bool has_vocabulary = false;
  bool scored = false;         // a list of [token, score]: ids are places in the list
  std::vector<double> scores;  // by id
  bool has_merges = false;
  std::vector<std::string> before, after;  // tokens to put around a text, where there is no "post_processor"

  void add_merge(std::string_view left, std::string_view right);
  // "left right", as merges.txt and older tokenizer.json have it. Error(model) when it is not two words.
  void add_merge_line(std::string_view line);
  Bpe::Merges merges() const;  // views into this

 private:
  struct Halves {
    size_t begin;
    uint32_t left, right;  // bytes
  };
  std::string merge_text_;
  std::vector<Halves> halves_;
};

// Error(model) at `name` for bad syntax, repeated keys, nesting beyond limits::kDepth and tables of another
// shape.
TokenizerFile parse_tokenizer_file(std::string_view text, const std::string& name);

}  // namespace millrace
