#pragma once
#include <cstdint>
#include <string>

#include "drawing/colours.h"
#include "preprocess/image.h"

namespace millrace {

// Words in a picture, in one size. The letters are OpenCV's: accents are left out, and what has no Latin
// letter is a question mark.
class Lettering {
 public:
  // Capitals so many pixels high.
  explicit Lettering(int64_t height);
  // Of a size that goes with a picture's: large enough to be read where the picture is seen as a whole.
  static Lettering for_picture(int64_t height, int64_t width);

  int64_t height() const { return height_; }    // of capitals
  int64_t descent() const { return descent_; }  // of letters below the line
  int64_t width_of(const std::string& text) const;
  // The text, or as much of its beginning as `width` has room for, with dots behind; empty where there is no
  // room for that either.
  std::string fitted(const std::string& text, int64_t width) const;
  // With its left end and its base line there. What lies outside of the picture is cut off.
  void write(Image& image, const std::string& text, int64_t left, int64_t base, Colour colour) const;

 private:
  int64_t height_, descent_;
  double scale_;
  int thickness_;
};

// Letters without accents, "?" for what ASCII has not.
std::string plain_letters(const std::string& text);

}  // namespace millrace
