#include "preprocess/picture_text.h"

#include <initializer_list>
#include <utility>

#include "base/error.h"

namespace millrace {
namespace {

using Values = std::initializer_list<std::pair<std::string_view, std::string>>;

std::string repeated(std::string_view text, int64_t times) {
  std::string result;
  for (int64_t i = 0; i < times; ++i) result += text;
  return result;
}

// Each name in braces for its value; what else is in braces stays.
std::string filled(std::string_view text, const Values& values) {
  std::string result;
  while (!text.empty()) {
    bool found = false;
    for (const auto& [name, value] : values) {
      if (!text.starts_with(name)) continue;
      result += value;
      text.remove_prefix(name.size());
      found = true;
      break;
    }
    if (found) continue;
    result += text.front();
    text.remove_prefix(1);
  }
  return result;
}

std::string text_of(const PictureText& picture, const PictureTextOptions& options) {
  const std::string image = repeated(options.image, picture.tokens);
  const bool split = picture.rows > 0 && picture.columns > 0;
  const std::string whole =
      filled(split || options.alone.empty() ? options.whole : options.alone, {{"{image}", image}});
  if (!split) return whole;
  std::string parts;
  for (int64_t row = 1; row <= picture.rows; ++row) {
    for (int64_t column = 1; column <= picture.columns; ++column) {
      if (row > 1 || column > 1) parts += options.between;
      parts +=
          filled(options.part,
                 {{"{image}", image}, {"{row}", std::to_string(row)}, {"{column}", std::to_string(column)}});
    }
    parts += options.line_end;
  }
  return filled(options.split, {{"{whole}", whole}, {"{parts}", parts}});
}

}  // namespace

std::string with_pictures(std::string_view prompt, std::span<const PictureText> pictures,
                          const PictureTextOptions& options) {
  std::string result;
  size_t used = 0;
  for (auto at = prompt.find(options.marker); at != prompt.npos; at = prompt.find(options.marker), ++used) {
    if (used == pictures.size())
      fail(ErrorKind::input, "the text has more places for pictures, '{}', than the {} there are",
           options.marker, pictures.size());
    result += prompt.substr(0, at);
    result += text_of(pictures[used], options);
    if (used + 1 == pictures.size()) result += options.behind_last;
    prompt.remove_prefix(at + options.marker.size());
  }
  if (used != pictures.size())
    fail(ErrorKind::input, "there are {} pictures, but the text has {} places for one, '{}'", pictures.size(),
         used, options.marker);
  result += prompt;
  if (!pictures.empty()) result += options.end;
  return result;
}

}  // namespace millrace
