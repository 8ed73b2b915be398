#include "tokenizers/jinja/source.h"

#include "base/json_file.h"
#include "base/utf8.h"
#include "tokenizers/jinja/budget.h"

namespace millrace::jinja {

Source::Source(std::string_view given, std::string called) : name(std::move(called)) {
  if (given.size() > kMostSourceBytes)
    fail_at(ErrorKind::model, name, "is {} bytes long; a template has at most {}", given.size(),
            kMostSourceBytes);
  if (!utf8::is_valid(given)) fail_at(ErrorKind::model, name, "is not UTF-8");
  text.reserve(given.size());
  for (size_t i = 0; i < given.size(); ++i) {
    const bool pair = given[i] == '\r' && i + 1 < given.size() && given[i + 1] == '\n';
    if (!pair) text += given[i] == '\r' ? '\n' : given[i];
  }
  if (text.ends_with('\n')) text.pop_back();
}

std::string Source::place(size_t byte) const { return place_in_text(text, byte, name); }

}  // namespace millrace::jinja
