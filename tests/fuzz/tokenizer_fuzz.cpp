#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "tokenizers/streaming_detokenizer.h"
#include "tokenizers/tokenizer_json.h"

// Any bytes are a tokenizer.json or an Error; a tokenizer takes any text and any ids, and its text is always
// UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const auto tokenizer = tokenizer_from_json(bytes, "fuzz");
    for (const std::string_view text :
         {std::string_view("Hello <s>  world's \xE2\x82 n\xC3\xA9 12345\n"), bytes.substr(0, 64)}) {
      std::vector<TokenId> ids = tokenizer->encode(text, true);
      ids.insert(ids.end(), {-1, 0, 1, 1 << 30});
      if (!utf8::is_valid(tokenizer->decode(ids, true))) __builtin_trap();
      StreamingDetokenizer stream(tokenizer, true);
      for (const TokenId id : ids) {
        if (!utf8::is_valid(stream.push(id))) __builtin_trap();
      }
      stream.finish();
    }
  } catch (const Error&) {
  }
  return 0;
}
