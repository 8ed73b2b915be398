#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace millrace {

// What stands for pictures in the text that a language model reads: a token as often as a picture has
// embeddings, with what its training put around them. In the texts, {image} is that token so often, {row} and
// {column} count parts from 1, {whole} and {parts} are the texts of those.
struct PictureTextOptions {
  std::string marker = {};        // stands for a picture in a prompt
  std::string image = {};         // the token's text
  std::string whole = "{image}";  // of the whole of a picture that is taken apart
  std::string alone = {};         // of one that is not; empty: as of the whole
  std::string split = "{whole}";  // of one that is
  std::string part = "{image}";
  std::string between = {}, line_end = {};  // parts of a line; behind each line of parts
  std::string behind_last = {};             // the last picture of a prompt
  std::string end = {};                     // of a prompt that has pictures
};

struct PictureText {
  int64_t tokens = 0;             // of the whole, and of each part
  int64_t rows = 0, columns = 0;  // of the parts; 0: it is not taken apart
  bool operator==(const PictureText&) const = default;
};

// `prompt` with the pictures in the places of its markers, one for each in their order. Another number of
// markers is Error(input).
std::string with_pictures(std::string_view prompt, std::span<const PictureText> pictures,
                          const PictureTextOptions& options);

}  // namespace millrace
