#include "tokenizers/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/utf8.h"
#include "tokenizers/regex_translation.h"

namespace millrace {
namespace {

constexpr size_t kPatternBytes = 64 << 10;
constexpr uint32_t kMatchSteps = 50'000'000;  // per match: a run of a million spaces takes a few million
constexpr uint32_t kHeapKibibytes = 256 << 10;
constexpr size_t kJitStackBytes = 16 << 20;

std::string message_of(int code) {
  unsigned char text[256] = {};
  pcre2_get_error_message(code, text, sizeof(text));
  return reinterpret_cast<const char*>(text);
}

// What a thread needs to match; made once for each.
struct Scratch {
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(64 << 10, kJitStackBytes, nullptr);
  pcre2_match_data* data = pcre2_match_data_create(1, nullptr);

  Scratch() {
    if (context == nullptr || data == nullptr)
      fail(ErrorKind::internal, "no memory to match a regular expression");
    pcre2_set_match_limit(context, kMatchSteps);
    pcre2_set_heap_limit(context, kHeapKibibytes);
    if (stack != nullptr) pcre2_jit_stack_assign(context, nullptr, stack);
  }
  ~Scratch() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_jit_stack_free(stack);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

}  // namespace

Regex::Regex(std::string_view pattern) : Regex(pattern, false) {}
Regex Regex::literal(std::string_view text) { return Regex(text, true); }

Regex::Regex(std::string_view pattern, bool literal) {
  if (pattern.size() > kPatternBytes)
    fail(ErrorKind::model, "a regular expression is {} bytes long; at most {} are read", pattern.size(),
         kPatternBytes);
  const std::string translated = literal ? utf8::sanitized(pattern) : to_pcre2(pattern);
  const uint32_t options = literal ? PCRE2_UTF | PCRE2_LITERAL : PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE;
  int error = 0;
  size_t offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                                   options, &error, &offset, nullptr);
  if (code == nullptr)
    fail(ErrorKind::model, "the regular expression '{}' cannot be used: {}", pattern, message_of(error));
  code_ = std::shared_ptr<const void>(
      code, [](const void* p) { pcre2_code_free(static_cast<pcre2_code*>(const_cast<void*>(p))); });
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where there is no JIT, matching interprets
}

std::vector<Regex::Segment> Regex::segments(std::string_view text) const {
  if (text.empty()) return {};
  thread_local const Scratch scratch;
  const auto* code = static_cast<const pcre2_code*>(code_.get());
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  std::vector<Segment> found;
  size_t from = 0, last_end = 0;
  bool matched = false;  // last_end is the end of a match
  while (from <= text.size()) {
    // Checking the whole text's UTF-8 at every call would take quadratic time.
    int result =
        pcre2_match(code, subject, text.size(), from, PCRE2_NO_UTF_CHECK, scratch.data, scratch.context);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT)
      result = pcre2_match(code, subject, text.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, scratch.data,
                           scratch.context);
    if (result == PCRE2_ERROR_NOMATCH) break;
    if (result < 0) fail(ErrorKind::input, "the text cannot be split into words: {}", message_of(result));
    const size_t* place = pcre2_get_ovector_pointer(scratch.data);
    const size_t begin = place[0], end = place[1];
    if (begin > end || begin < last_end) break;          // \K within a look-around
    if (begin == end && matched && begin == last_end) {  // nothing, right after a match
      from += from < text.size() ? utf8::decode_at(text, from).size : 1;
      continue;
    }
    if (begin != last_end) found.push_back({last_end, begin, false});
    found.push_back({begin, end, true});
    from = last_end = end;
    matched = true;
  }
  if (last_end != text.size()) found.push_back({last_end, text.size(), false});
  return found;
}

void replace_all(std::string& text, const Regex& regex, std::string_view content, size_t* head) {
  const auto segments = regex.segments(text);
  if (std::none_of(segments.begin(), segments.end(), [](const auto& s) { return s.match; })) return;
  std::string out;
  size_t new_head = 0;
  for (const auto& [begin, end, match] : segments) {
    const size_t before = out.size();
    out += match ? content : std::string_view(text).substr(begin, end - begin);
    if (head == nullptr) continue;
    if (match && end <= *head) new_head = out.size();
    if (!match && begin < *head) new_head = before + std::min(end, *head) - begin;
  }
  text = std::move(out);
  if (head != nullptr) *head = new_head;
}

Regex pattern_of(const ComponentSpec& spec) {
  const ComponentSpec pattern = spec.part("pattern");
  return pattern.has("Regex") ? Regex(pattern.text("Regex")) : Regex::literal(pattern.text("String"));
}

}  // namespace millrace
