#include "tokenizers/text_normalizer.h"

#include <functional>
#include <map>
#include <vector>

#include "base/utf8.h"
#include "tokenizers/byte_level.h"
#include "tokenizers/regex.h"
#include "tokenizers/unicode.h"

namespace millrace {
namespace {

using Made = std::unique_ptr<const TextNormalizer>;

class Sequence final : public TextNormalizer {
 public:
  explicit Sequence(const ComponentSpec& spec) {
    for (const ComponentSpec& part : spec.list("normalizers")) parts_.push_back(make_normalizer(part));
  }
  void apply(std::string& text) const override {
    for (const auto& part : parts_) part->apply(text);
  }

 private:
  std::vector<Made> parts_;
};

// A normalizer that is one function.
class Simple final : public TextNormalizer {
 public:
  explicit Simple(std::function<void(std::string&)> function) : function_(std::move(function)) {}
  void apply(std::string& text) const override { function_(text); }

 private:
  std::function<void(std::string&)> function_;
};

Made simple(std::function<void(std::string&)> function) {
  return std::make_unique<Simple>(std::move(function));
}

// Each character by what `put` appends for it.
template <class Put>
void rewrite(std::string& text, Put&& put) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const auto [code, size] = utf8::decode_at(text, i);
    put(out, code);
    i += size;
  }
  text = std::move(out);
}

void lowercase(std::string& text) { rewrite(text, unicode::append_lowercase); }

void strip(std::string& text, bool left, bool right) {
  size_t begin = 0, end = text.size();
  while (left && begin < end) {
    const auto [code, size] = utf8::decode_at(text, begin);
    if (!unicode::is_white_space(code)) break;
    begin += size;
  }
  while (right && end > begin) {
    size_t last = end - 1;
    while ((text[last] & 0xC0) == 0x80) --last;
    if (!unicode::is_white_space(utf8::decode_at(text, last).code)) break;
    end = last;
  }
  text = text.substr(begin, end - begin);
}

bool is_cjk_ideograph(char32_t c) {  // by block, as BERT's reference tokenizer and its port define it
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

Made bert(const ComponentSpec& spec) {
  const bool clean = spec.flag("clean_text", true), spaces = spec.flag("handle_chinese_chars", true);
  const bool lower = spec.flag("lowercase", true), accents = spec.flag("strip_accents", lower);
  return simple([=](std::string& text) {
    if (clean)
      rewrite(text, [](std::string& out, char32_t c) {
        if (c == 0 || c == 0xFFFD || unicode::is_control(c)) return;
        utf8::append(out, unicode::is_white_space(c) ? U' ' : c);
      });
    if (spaces)
      rewrite(text, [](std::string& out, char32_t c) {
        if (is_cjk_ideograph(c)) out += ' ';
        utf8::append(out, c);
        if (is_cjk_ideograph(c)) out += ' ';
      });
    if (accents) {
      unicode::normalize(text, unicode::Form::nfd);
      rewrite(text, [](std::string& out, char32_t c) {
        if (!unicode::is_nonspacing_mark(c)) utf8::append(out, c);
      });
    }
    if (lower) lowercase(text);
  });
}

// SentencePiece's rule for machine translation: controls go, odd spaces become spaces.
void nmt(std::string& text) {
  rewrite(text, [](std::string& out, char32_t c) {
    if ((c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F)
      return;
    const bool space = c == 9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 ||
                       (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                       c == 0xFEFF || c == 0xFFFD;
    utf8::append(out, space ? U' ' : c);
  });
}

Made replace(const ComponentSpec& spec) {
  const Regex regex = pattern_of(spec);
  return simple(
      [regex, content = spec.text("content")](std::string& text) { replace_all(text, regex, content); });
}

Made prepend(const ComponentSpec& spec) {
  return simple([prefix = spec.text("prepend")](std::string& text) {
    if (!text.empty()) text.insert(0, prefix);
  });
}

template <unicode::Form form>
Made unicode_form(const ComponentSpec&) {
  return simple([](std::string& text) { unicode::normalize(text, form); });
}

const std::map<std::string, std::function<Made(const ComponentSpec&)>>& makers() {
  static const std::map<std::string, std::function<Made(const ComponentSpec&)>> kMakers = {
      {"BertNormalizer", bert},
      {"ByteLevel",
       [](const ComponentSpec&) {
         return simple([](std::string& text) { text = byte_level::encoded(text); });
       }},
      {"Lowercase", [](const ComponentSpec&) { return simple(lowercase); }},
      {"NFC", unicode_form<unicode::Form::nfc>},
      {"NFD", unicode_form<unicode::Form::nfd>},
      {"NFKC", unicode_form<unicode::Form::nfkc>},
      {"NFKD", unicode_form<unicode::Form::nfkd>},
      {"Nmt", [](const ComponentSpec&) { return simple(nmt); }},
      {"Prepend", prepend},
      {"Replace", replace},
      {"Sequence", [](const ComponentSpec& spec) -> Made { return std::make_unique<Sequence>(spec); }},
      {"Strip",
       [](const ComponentSpec& spec) {
         return simple([left = spec.flag("strip_left", true), right = spec.flag("strip_right", true)](
                           std::string& text) { strip(text, left, right); });
       }},
      {"StripAccents",
       [](const ComponentSpec&) {
         return simple([](std::string& text) {
           rewrite(text, [](std::string& out, char32_t c) {
             if (!unicode::is_mark(c)) utf8::append(out, c);
           });
         });
       }},
  };
  return kMakers;
}

}  // namespace

Made make_normalizer(const ComponentSpec& spec) {
  const auto found = makers().find(spec.type());
  if (found != makers().end()) return found->second(spec);
  std::vector<std::string> known;
  for (const auto& [name, maker] : makers()) known.push_back(name);
  spec.refuse_type("normalizer", known);
}

}  // namespace millrace
