#include "tokenizers/text_normalizer.h"

#include <functional>
#include <map>
#include <vector>

#include "base/base64.h"
#include "base/utf8.h"
#include "tokenizers/byte_level.h"
#include "tokenizers/charsmap.h"
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
  void apply(std::string& text, size_t& head) const override {
    for (const auto& part : parts_) part->apply(text, head);
  }

 private:
  std::vector<Made> parts_;
};

using Function = std::function<void(std::string& text, size_t& head)>;

// A normalizer that is one function.
class Simple final : public TextNormalizer {
 public:
  explicit Simple(Function function) : function_(std::move(function)) {}
  using TextNormalizer::apply;
  void apply(std::string& text, size_t& head) const override { function_(text, head); }

 private:
  Function function_;
};

Made simple(Function function) { return std::make_unique<Simple>(std::move(function)); }

// Each character by what `put` appends for it.
template <class Put>
void rewrite(std::string& text, size_t& head, Put&& put) {
  std::string out;
  out.reserve(text.size());
  size_t new_head = 0;
  for (size_t i = 0; i < text.size();) {
    const auto [code, size] = utf8::decode_at(text, i);
    put(out, code);
    i += size;
    if (i <= head) new_head = out.size();
  }
  text = std::move(out);
  head = new_head;
}

void lowercase(std::string& text, size_t& head) { rewrite(text, head, unicode::append_lowercase); }

size_t first_character(std::string_view text) { return text.empty() ? 0 : utf8::decode_at(text, 0).size; }

void strip(std::string& text, size_t& head, bool left, bool right) {
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
  head = head > begin ? head - begin : 0;
}

bool is_cjk_ideograph(char32_t c) {  // by block, as BERT's reference tokenizer and its port define it
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

void to_form(std::string& text, size_t& head, unicode::Form form) {
  std::string new_head = text.substr(0, head);
  unicode::normalize(text, form);
  if (head == 0) return;
  unicode::normalize(new_head, form);
  head = text.starts_with(new_head) ? new_head.size() : first_character(text);  // a mark may have joined it
}

Made bert(const ComponentSpec& spec) {
  const bool clean = spec.flag("clean_text", true), spaces = spec.flag("handle_chinese_chars", true);
  const bool lower = spec.flag("lowercase", true), accents = spec.flag("strip_accents", lower);
  return simple([=](std::string& text, size_t& head) {
    if (clean)
      rewrite(text, head, [](std::string& out, char32_t c) {
        if (c == 0 || c == 0xFFFD || unicode::is_control(c)) return;
        utf8::append(out, unicode::is_white_space(c) ? U' ' : c);
      });
    if (spaces)
      rewrite(text, head, [](std::string& out, char32_t c) {
        if (is_cjk_ideograph(c)) out += ' ';
        utf8::append(out, c);
        if (is_cjk_ideograph(c)) out += ' ';
      });
    if (accents) {
      to_form(text, head, unicode::Form::nfd);
      rewrite(text, head, [](std::string& out, char32_t c) {
        if (!unicode::is_nonspacing_mark(c)) utf8::append(out, c);
      });
    }
    if (lower) lowercase(text, head);
  });
}

// SentencePiece's rule for machine translation: controls go, odd spaces become spaces.
void nmt(std::string& text, size_t& head) {
  rewrite(text, head, [](std::string& out, char32_t c) {
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
  return simple([regex, content = spec.text("content")](std::string& text, size_t& head) {
    replace_all(text, regex, content, &head);
  });
}

Made prepend(const ComponentSpec& spec) {
  return simple([prefix = spec.text("prepend")](std::string& text, size_t& head) {
    if (text.empty()) return;
    text.insert(0, prefix);
    if (head > 0) head += prefix.size();
  });
}

Made precompiled(const ComponentSpec& spec) {
  const auto bytes = decode_base64(spec.text("precompiled_charsmap"));
  if (!bytes) spec.refuse("'precompiled_charsmap' is not base64");
  return simple([map = Charsmap(*bytes)](std::string& text, size_t& head) {
    // A replacement of one character stands for it whole; of a longer cluster its first character does.
    std::string alone = text.substr(0, head);
    map.apply(text);
    if (head == 0) return;
    map.apply(alone);
    head = !alone.empty() && text.starts_with(alone) ? alone.size() : first_character(text);
  });
}

template <unicode::Form form>
Made unicode_form(const ComponentSpec&) {
  return simple([](std::string& text, size_t& head) { to_form(text, head, form); });
}

const std::map<std::string, std::function<Made(const ComponentSpec&)>>& makers() {
  static const std::map<std::string, std::function<Made(const ComponentSpec&)>> kMakers = {
      {"BertNormalizer", bert},
      {"ByteLevel",
       [](const ComponentSpec&) {
         return simple([](std::string& text, size_t& head) {
           head = byte_level::encoded(std::string_view(text).substr(0, head)).size();
           text = byte_level::encoded(text);
         });
       }},
      {"Lowercase", [](const ComponentSpec&) { return simple(lowercase); }},
      {"NFC", unicode_form<unicode::Form::nfc>},
      {"NFD", unicode_form<unicode::Form::nfd>},
      {"NFKC", unicode_form<unicode::Form::nfkc>},
      {"NFKD", unicode_form<unicode::Form::nfkd>},
      {"Nmt", [](const ComponentSpec&) { return simple(nmt); }},
      {"Precompiled", precompiled},
      {"Prepend", prepend},
      {"Replace", replace},
      {"Sequence", [](const ComponentSpec& spec) -> Made { return std::make_unique<Sequence>(spec); }},
      {"Strip",
       [](const ComponentSpec& spec) {
         return simple([left = spec.flag("strip_left", true), right = spec.flag("strip_right", true)](
                           std::string& text, size_t& head) { strip(text, head, left, right); });
       }},
      {"StripAccents",
       [](const ComponentSpec&) {
         return simple([](std::string& text, size_t& head) {
           rewrite(text, head, [](std::string& out, char32_t c) {
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
