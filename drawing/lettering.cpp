#include "drawing/lettering.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <opencv2/imgproc.hpp>

#include "drawing/canvas.h"

namespace millrace {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kCapitals = 21, kDescenders = 7;  // pixels at scale 1
constexpr int64_t kSmallest = 9, kLargest = 96;    // capitals that can be read, and that are not silly

}  // namespace

std::string plain_letters(const std::string& text) {
  utf8proc_uint8_t* decomposed = nullptr;
  const auto size = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
      &decomposed, static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(decomposed, std::free);
  std::string plain;
  const std::string letters = size < 0 ? text : std::string(decomposed, decomposed + size);
  for (const char c : letters) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f)
      plain += c;
    else if (byte < 0x80 || byte >= 0xc0)
      plain += '?';  // one for all bytes of a character
  }
  return plain;
}

Lettering::Lettering(int64_t height)
    : height_(std::clamp(height, kSmallest, kLargest)),
      scale_(static_cast<double>(height_) / kCapitals),
      thickness_(std::max(1, static_cast<int>(std::lround(scale_ * 2)))) {
  descent_ = static_cast<int64_t>(std::ceil(scale_ * kDescenders));
}

Lettering Lettering::for_picture(int64_t height, int64_t width) {
  return Lettering(std::lround(std::sqrt(static_cast<double>(height) * static_cast<double>(width)) / 42));
}

int64_t Lettering::width_of(const std::string& text) const {
  return cv::getTextSize(plain_letters(text), kFont, scale_, thickness_, nullptr).width;
}

std::string Lettering::fitted(const std::string& text, int64_t width) const {
  std::string plain = plain_letters(text);
  if (width_of(plain) <= width) return plain;
  while (!plain.empty()) {
    plain.pop_back();
    if (!plain.empty() && width_of(plain + "..") <= width) return plain + "..";
  }
  return plain;
}

void Lettering::write(Image& image, const std::string& text, int64_t left, int64_t base,
                      Colour colour) const {
  cv::Mat canvas = canvas_of(image);
  cv::putText(canvas, plain_letters(text), cv::Point(static_cast<int>(left), static_cast<int>(base)), kFont,
              scale_, scalar_of(colour), thickness_, cv::LINE_AA);
}

}  // namespace millrace
