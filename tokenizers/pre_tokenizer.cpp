#include "tokenizers/pre_tokenizer.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "base/utf8.h"
#include "tokenizers/byte_level.h"
#include "tokenizers/metaspace.h"
#include "tokenizers/piece_split.h"
#include "tokenizers/regex.h"
#include "tokenizers/unicode.h"

namespace millrace {
namespace {

using Made = std::unique_ptr<const PreTokenizer>;

class Sequence final : public PreTokenizer {
 public:
  explicit Sequence(const ComponentSpec& spec) {
    for (const ComponentSpec& part : spec.list("pretokenizers")) parts_.push_back(make_pre_tokenizer(part));
  }
  void apply(Pieces& pieces) const override {
    for (const auto& part : parts_) part->apply(pieces);
  }

 private:
  std::vector<Made> parts_;
};

// GPT-2's pattern, and its alphabet for what it cuts.
class ByteLevel final : public PreTokenizer {
 public:
  explicit ByteLevel(const ComponentSpec& spec)
      : add_prefix_space_(spec.flag("add_prefix_space", true)), use_regex_(spec.flag("use_regex", true)) {}

  void apply(Pieces& pieces) const override {
    static const Regex kPattern(
        R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)");
    Pieces parts;
    for (Piece& piece : pieces) {
      if (piece.token >= 0) {
        parts.push_back(std::move(piece));
        continue;
      }
      if (add_prefix_space_ && !piece.text.starts_with(' ')) {
        piece.text.insert(0, 1, ' ');
        if (piece.head > 0) ++piece.head;
      }
      std::vector<Regex::Segment> segments = {{0, piece.text.size(), false}};
      if (use_regex_) segments = kPattern.segments(piece.text);
      for (const auto& [begin, end, match] : segments) {
        parts.push_back({});
        const size_t head = std::min(piece.head_from(begin), end - begin);
        const auto word = std::string_view(piece.text).substr(begin, end - begin);
        byte_level::append_encoded(parts.back().text, word.substr(0, head));
        parts.back().head = parts.back().text.size();
        byte_level::append_encoded(parts.back().text, word.substr(head));
      }
    }
    pieces = std::move(parts);
  }

 private:
  bool add_prefix_space_, use_regex_;
};

class Splitting final : public PreTokenizer {
 public:
  using Cut = std::function<std::vector<Regex::Segment>(std::string_view)>;
  Splitting(SplitBehavior behavior, Cut cut) : behavior_(behavior), cut_(std::move(cut)) {}
  void apply(Pieces& pieces) const override { split_pieces(pieces, behavior_, cut_); }

 private:
  SplitBehavior behavior_;
  Cut cut_;
};

Made splitting(SplitBehavior behavior, Splitting::Cut cut) {
  return std::make_unique<Splitting>(behavior, std::move(cut));
}

Made at_characters(SplitBehavior behavior, std::function<bool(char32_t)> is_delimiter) {
  return splitting(behavior, [is_delimiter = std::move(is_delimiter)](std::string_view text) {
    return segments_at(text, is_delimiter);
  });
}

Made split(const ComponentSpec& spec) {
  const bool invert = spec.flag("invert", false);
  return splitting(split_behavior(spec, "behavior"),
                   [regex = pattern_of(spec), invert](std::string_view text) {
                     auto segments = regex.segments(text);
                     if (invert) {
                       for (auto& segment : segments) segment.match = !segment.match;
                     }
                     return segments;
                   });
}

// \w+|[^\w\s]+, with what matches neither removed.
Made whitespace(const ComponentSpec&) {
  return splitting(SplitBehavior::removed, [](std::string_view text) {
    const auto kind_of = [](char32_t c) {
      return unicode::is_word(c) ? 1 : unicode::is_white_space(c) ? 0 : 2;
    };
    std::vector<Regex::Segment> segments;
    int last = -1;
    for (size_t i = 0; i < text.size();) {
      const auto [code, size] = utf8::decode_at(text, i);
      const int kind = kind_of(code);
      if (kind == last) {
        segments.back().end = i + size;
      } else {
        segments.push_back({i, i + size, kind == 0});
      }
      last = kind;
      i += size;
    }
    return segments;
  });
}

Made bert(const ComponentSpec&) {
  class Bert final : public PreTokenizer {
   public:
    void apply(Pieces& pieces) const override { spaces_->apply(pieces), punctuation_->apply(pieces); }

   private:
    Made spaces_ = at_characters(SplitBehavior::removed, unicode::is_white_space);
    Made punctuation_ = at_characters(SplitBehavior::isolated, unicode::is_punctuation);
  };
  return std::make_unique<Bert>();
}

Made digits(const ComponentSpec& spec) {
  return at_characters(spec.flag("individual_digits") ? SplitBehavior::isolated : SplitBehavior::contiguous,
                       unicode::is_numeric);
}

Made punctuation(const ComponentSpec& spec) {
  return at_characters(spec.has("behavior") ? split_behavior(spec, "behavior") : SplitBehavior::isolated,
                       unicode::is_punctuation);
}

Made delimiter(const ComponentSpec& spec) {
  return at_characters(SplitBehavior::removed, [delimiter = only_character(spec, "delimiter")](char32_t c) {
    return c == delimiter;
  });
}

Made fixed_length(const ComponentSpec& spec) {
  const int64_t length = spec.number("length", 5);
  if (length < 1) spec.refuse("'length' must be at least 1");
  return splitting(SplitBehavior::isolated, [length](std::string_view text) {
    std::vector<Regex::Segment> segments;
    int64_t characters = 0;
    for (size_t i = 0; i < text.size(); ++characters) {
      const size_t size = utf8::decode_at(text, i).size;
      if (characters % length == 0) segments.push_back({i, i, false});
      i += size;
      segments.back().end = i;
    }
    return segments;
  });
}

// Where the script changes. As in the reference, what stands before the first character that has a script is
// left out.
Made unicode_scripts(const ComponentSpec&) {
  return splitting(SplitBehavior::removed, [](std::string_view text) {
    std::vector<Regex::Segment> segments = {{0, 0, true}};
    int last = 0;
    for (size_t i = 0; i < text.size();) {
      const auto [code, size] = utf8::decode_at(text, i);
      const int script = unicode::script(code);
      if (script != 0 && script != last) segments.push_back({i, i, false}), last = script;
      i += size;
      segments.back().end = i;
    }
    return segments;
  });
}

class Metaspaces final : public PreTokenizer {
 public:
  explicit Metaspaces(const ComponentSpec& spec) : metaspace_(spec) {}

  void apply(Pieces& pieces) const override {
    const std::string& mark = metaspace_.replacement;
    for (Piece& piece : pieces) {
      if (piece.token >= 0) continue;
      std::string text;
      size_t head = 0;
      for (size_t i = 0; i < piece.text.size(); ++i) {
        piece.text[i] == ' ' ? text += mark : text += piece.text[i];
        if (i < piece.head) head = text.size();
      }
      const bool wanted = metaspace_.prepend == Metaspace::Prepend::always ||
                          (metaspace_.prepend == Metaspace::Prepend::first && head > 0);
      if (wanted && !text.starts_with(mark)) {
        text.insert(0, mark);
        if (head > 0) head += mark.size();
      }
      piece.text = std::move(text);
      piece.head = head;
    }
    if (!metaspace_.split) return;
    const char32_t code = utf8::decode_at(mark, 0).code;
    split_pieces(pieces, SplitBehavior::merged_with_next, [code](std::string_view text) {
      return segments_at(text, [code](char32_t c) { return c == code; });
    });
  }

 private:
  Metaspace metaspace_;
};

const std::map<std::string, std::function<Made(const ComponentSpec&)>>& makers() {
  static const std::map<std::string, std::function<Made(const ComponentSpec&)>> kMakers = {
      {"BertPreTokenizer", bert},
      {"ByteLevel", [](const ComponentSpec& spec) -> Made { return std::make_unique<ByteLevel>(spec); }},
      {"CharDelimiterSplit", delimiter},
      {"Digits", digits},
      {"FixedLength", fixed_length},
      {"Metaspace", [](const ComponentSpec& spec) -> Made { return std::make_unique<Metaspaces>(spec); }},
      {"Punctuation", punctuation},
      {"Sequence", [](const ComponentSpec& spec) -> Made { return std::make_unique<Sequence>(spec); }},
      {"Split", split},
      {"UnicodeScripts", unicode_scripts},
      {"Whitespace", whitespace},
      {"WhitespaceSplit",
       [](const ComponentSpec&) { return at_characters(SplitBehavior::removed, unicode::is_white_space); }},
  };
  return kMakers;
}

}  // namespace

Made make_pre_tokenizer(const ComponentSpec& spec) {
  const auto found = makers().find(spec.type());
  if (found != makers().end()) return found->second(spec);
  std::vector<std::string> known;
  for (const auto& [name, maker] : makers()) known.push_back(name);
  spec.refuse_type("pre-tokenizer", known);
}

}  // namespace millrace
