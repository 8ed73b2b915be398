#include "tokenizers/token_decoder.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "tokenizers/byte_level.h"
#include "tokenizers/metaspace.h"
#include "tokenizers/regex.h"

namespace millrace {
namespace {

using Made = std::unique_ptr<const TokenDecoder>;
using Tokens = std::vector<std::string>;

void replace_text(std::string& text, std::string_view from, std::string_view to) {
  if (from.empty() || text.find(from) == std::string::npos) return;
  std::string out;
  size_t last = 0;
  for (size_t at; (at = text.find(from, last)) != std::string::npos; last = at + from.size())
    out.append(text, last, at - last).append(to);
  text = out.append(text, last);
}

class Sequence final : public TokenDecoder {
 public:
  explicit Sequence(const ComponentSpec& spec) {
    for (const ComponentSpec& part : spec.list("decoders")) parts_.push_back(make_decoder(part));
  }
  void apply(Tokens& tokens) const override {
    for (const auto& part : parts_) part->apply(tokens);
  }
  void apply_to_one(std::string& token) const override {
    for (const auto& part : parts_) part->apply_to_one(token);
  }
  bool concatenates_bytes() const override { return parts_.size() == 1 && parts_[0]->concatenates_bytes(); }
  std::optional<char> fallback_byte(std::string_view token) const override {
    std::string text(token);
    for (const auto& part : parts_) {
      if (const auto byte = part->fallback_byte(text)) return byte;
      part->apply_to_one(text);
    }
    return std::nullopt;
  }

 private:
  std::vector<Made> parts_;
};

class ByteLevel final : public TokenDecoder {
 public:
  void apply(Tokens& tokens) const override {
    std::string bytes;
    for (std::string& token : tokens) apply_to_one(token), bytes += token;
    tokens = {utf8::sanitized(bytes)};
  }
  void apply_to_one(std::string& token) const override {
    if (auto bytes = byte_level::decoded(token)) token = std::move(*bytes);
  }
  bool concatenates_bytes() const override { return true; }
};

// "<0xE2>" tokens, as byte-pair encoding with byte fallback writes them. A run of them that is no UTF-8 is as
// many U+FFFD as it has bytes.
class ByteFallback final : public TokenDecoder {
 public:
  void apply(Tokens& tokens) const override {
    Tokens out;
    std::string run;
    const auto end_run = [&] {
      if (run.empty()) return;
      if (utf8::is_valid(run)) {
        out.push_back(run);
      } else {
        out.insert(out.end(), run.size(), std::string(utf8::kReplacement));
      }
      run.clear();
    };
    for (std::string& token : tokens) {
      if (const auto byte = byte_of(token)) {
        run += *byte;
      } else {
        end_run();
        out.push_back(std::move(token));
      }
    }
    end_run();
    tokens = std::move(out);
  }
  void apply_to_one(std::string& token) const override {
    if (const auto byte = byte_of(token)) token.assign(1, *byte);
  }
  std::optional<char> fallback_byte(std::string_view token) const override { return byte_of(token); }

 private:
  static std::optional<char> byte_of(std::string_view token) {
    if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
    const auto digit = [](char c) {
      return c >= '0' && c <= '9'   ? c - '0'
             : c >= 'a' && c <= 'f' ? c - 'a' + 10
             : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                    : -1;
    };
    const int high = token[3] == '+' ? 0 : digit(token[3]),
              low = digit(token[4]);  // Rust reads "+A" as a number too
    if (high < 0 || low < 0) return std::nullopt;
    return static_cast<char>(high * 16 + low);
  }
};

// Decoders that treat tokens one by one.
class Each : public TokenDecoder {
 public:
  void apply(Tokens& tokens) const override {
    for (size_t i = 0; i < tokens.size(); ++i) rewrite(tokens[i], {i == 0, i + 1 == tokens.size()});
    if (drops_empty()) std::erase(tokens, "");
  }
  void apply_to_one(std::string& token) const override { rewrite(token, {false, false}); }

 protected:
  struct Position {
    bool first, last;
  };
  virtual void rewrite(std::string& token, Position position) const = 0;
  virtual bool drops_empty() const { return false; }
};

class Metaspaces final : public Each {
 public:
  explicit Metaspaces(const ComponentSpec& spec) : metaspace_(spec) {}

 private:
  void rewrite(std::string& token, Position position) const override {
    const bool drop = position.first && metaspace_.prepend != Metaspace::Prepend::never;
    replace_text(token, metaspace_.replacement, drop ? "" : " ");
  }
  Metaspace metaspace_;
};

class Replace final : public Each {
 public:
  explicit Replace(const ComponentSpec& spec) : regex_(pattern_of(spec)), content_(spec.text("content")) {}

 private:
  void rewrite(std::string& token, Position) const override { replace_all(token, regex_, content_); }
  Regex regex_;
  std::string content_;
};

// Up to `start` times a character at the front of each token, and `stop` times at its end.
class Strip final : public Each {
 public:
  explicit Strip(const ComponentSpec& spec) : start_(spec.number("start", 0)), stop_(spec.number("stop", 0)) {
    utf8::append(character_, only_character(spec, "content"));
  }

 private:
  void rewrite(std::string& token, Position) const override {
    std::string_view left = token;
    for (int64_t i = 0; i < start_ && left.starts_with(character_); ++i)
      left.remove_prefix(character_.size());
    for (int64_t i = 0; i < stop_ && left.ends_with(character_); ++i) left.remove_suffix(character_.size());
    token = std::string(left);
  }
  std::string character_;
  int64_t start_, stop_;
};

class WordPiece final : public Each {
 public:
  explicit WordPiece(const ComponentSpec& spec)
      : prefix_(spec.text("prefix", "##")), cleanup_(spec.flag("cleanup", true)) {}

 private:
  void rewrite(std::string& token, Position position) const override {
    if (!position.first) {
      if (token.starts_with(prefix_)) {
        token.erase(0, prefix_.size());
      } else {
        token.insert(0, 1, ' ');
      }
    }
    if (cleanup_) token = without_artificial_spaces(std::move(token), true);
  }
  std::string prefix_;
  bool cleanup_;
};

class WordSuffix final : public Each {
 public:
  explicit WordSuffix(const ComponentSpec& spec) : suffix_(spec.text("suffix", "</w>")) {}

 private:
  void rewrite(std::string& token, Position position) const override {
    replace_text(token, suffix_, position.last ? "" : " ");
  }
  std::string suffix_;
};

class Fuse final : public TokenDecoder {
 public:
  void apply(Tokens& tokens) const override {
    std::string all;
    for (const std::string& token : tokens) all += token;
    tokens = {std::move(all)};
  }
  void apply_to_one(std::string&) const override {}
};

// Connectionist temporal classification: equal neighbours are one token, the padding is none.
class Ctc final : public Each {
 public:
  explicit Ctc(const ComponentSpec& spec)
      : padding_(spec.text("pad_token", "<pad>")),
        delimiter_(spec.text("word_delimiter_token", "|")),
        cleanup_(spec.flag("cleanup", true)) {}
  void apply(Tokens& tokens) const override {
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    Each::apply(tokens);
  }

 private:
  void rewrite(std::string& token, Position) const override {
    replace_text(token, padding_, "");
    if (!cleanup_) return;
    token = without_artificial_spaces(std::move(token), true);
    replace_text(token, delimiter_, " ");
  }
  bool drops_empty() const override { return true; }
  std::string padding_, delimiter_;
  bool cleanup_;
};

template <class T>
Made make(const ComponentSpec& spec) {
  if constexpr (std::is_constructible_v<T, const ComponentSpec&>) {
    return std::make_unique<T>(spec);
  } else {
    return std::make_unique<T>();
  }
}

const std::map<std::string, Made (*)(const ComponentSpec&)>& makers() {
  static const std::map<std::string, Made (*)(const ComponentSpec&)> kMakers = {
      {"BPEDecoder", make<WordSuffix>},
      {"ByteFallback", make<ByteFallback>},
      {"ByteLevel", make<ByteLevel>},
      {"CTC", make<Ctc>},
      {"Fuse", make<Fuse>},
      {"Metaspace", make<Metaspaces>},
      {"Replace", make<Replace>},
      {"Sequence", make<Sequence>},
      {"Strip", make<Strip>},
      {"WordPiece", make<WordPiece>},
  };
  return kMakers;
}

}  // namespace

Made make_decoder(const ComponentSpec& spec) {
  const auto found = makers().find(spec.type());
  if (found != makers().end()) return found->second(spec);
  std::vector<std::string> known;
  for (const auto& [name, maker] : makers()) known.push_back(name);
  spec.refuse_type("decoder", known);
}

std::string without_artificial_spaces(std::string text, bool negations) {
  for (const auto& [from, to] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"}, {" n't", "n't"}, {" 'm", "'m"}})
    replace_text(text, from, to);
  if (negations) replace_text(text, " do not", " don't");
  for (const auto& [from, to] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}})
    replace_text(text, from, to);
  return text;
}

}  // namespace millrace
