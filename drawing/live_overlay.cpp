#include "drawing/live_overlay.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "drawing/lettering.h"
#include "drawing/rounded_box.h"

namespace millrace {
namespace {

constexpr Colour kPanel{14, 17, 22}, kText{255, 255, 255}, kQuietText{222, 226, 232};
constexpr Colour kBestBar{24, 119, 242}, kBar{84, 104, 132}, kTrack{255, 255, 255};
constexpr double kPanelOpacity = 0.66, kBarOpacity = 0.92, kTrackOpacity = 0.07;

// Smaller letters than what is drawn on single pictures has: the picture is what one looks at.
Lettering lettering_of(const Image& image) {
  const double size = std::sqrt(static_cast<double>(image.height) * static_cast<double>(image.width));
  return Lettering(std::lround(size / 54));
}

// Lengths, from the height of the letters.
struct Layout {
  explicit Layout(const Lettering& lettering)
      : margin(lettering.height()),
        pad(lettering.height() * 2 / 3),
        row(lettering.height() * 2 + lettering.descent() / 2),
        gap(std::max<int64_t>(lettering.height() / 3, 2)),
        width(lettering.height() * 27),
        corner(static_cast<double>(lettering.height()) * 0.45) {}
  int64_t margin;  // around the panels
  int64_t pad;     // in them
  int64_t row;     // the height of a label's
  int64_t gap;     // between rows
  int64_t width;   // of the panel of labels
  double corner;   // radius of the bars'
};

class Painter {
 public:
  explicit Painter(const Image& image) : image_(image), letters_(lettering_of(image)), layout_(letters_) {}

  void labels(const std::vector<LiveLabel>& labels) {
    const int64_t room = image_.height / 2 - 2 * layout_.pad + layout_.gap;
    const int64_t rows = std::min(std::ssize(labels), room / (layout_.row + layout_.gap));
    const int64_t width = std::min(layout_.width, image_.width - 2 * layout_.margin);
    if (rows <= 0 || width < letters_.width_of("100%") + 6 * layout_.pad) return;
    const int64_t height = rows * (layout_.row + layout_.gap) - layout_.gap + 2 * layout_.pad;
    const PixelBox box{layout_.margin, image_.height - layout_.margin - height, width, height};
    panel(box);
    for (int64_t i = 0; i < rows; ++i)
      row({box.left + layout_.pad, box.top + layout_.pad + i * (layout_.row + layout_.gap),
           width - 2 * layout_.pad, layout_.row},
          labels[static_cast<size_t>(i)], i == 0);
  }

  void numbers(const LiveOverlay& overlay) {
    std::string text;
    if (std::isfinite(overlay.frames_per_second)) text = fmt::format("{:.1f} fps", overlay.frames_per_second);
    if (std::isfinite(overlay.latency_seconds))
      text += fmt::format("{}{:.0f} ms", text.empty() ? "" : "   ", overlay.latency_seconds * 1000);
    const int64_t width = letters_.width_of(text) + 4 * layout_.pad;
    if (text.empty() || width + 2 * layout_.margin > image_.width ||
        layout_.row + 2 * layout_.margin > image_.height / 2)
      return;
    const PixelBox box{image_.width - layout_.margin - width, layout_.margin, width,
                       letters_.height() + 2 * layout_.pad};
    panel(box);
    letters_.write(image_, text, box.left + 2 * layout_.pad, base_of(box), kText);
  }

  void notice(const std::string& text) {
    fill_rounded(image_, {0, 0, image_.width, image_.height}, 0, kPanel, 0.55);
    const std::string fitted = letters_.fitted(text, image_.width - 4 * layout_.margin);
    if (fitted.empty()) return;
    const int64_t width = letters_.width_of(fitted) + 4 * layout_.pad;
    const int64_t height = letters_.height() + 4 * layout_.pad;
    const PixelBox box{(image_.width - width) / 2, (image_.height - height) / 2, width, height};
    panel(box);
    letters_.write(image_, fitted, box.left + 2 * layout_.pad, base_of(box), kText);
  }

  Image take() { return std::move(image_); }

 private:
  void panel(const PixelBox& box) {
    fill_rounded(image_, box, layout_.corner + static_cast<double>(layout_.pad) / 2, kPanel, kPanelOpacity);
  }

  int64_t base_of(const PixelBox& box) const { return box.top + (box.height + letters_.height()) / 2; }

  // A bar as long as the score, and over it what it is of, and the score itself.
  void row(const PixelBox& box, const LiveLabel& label, bool best) {
    const double score = std::isfinite(label.score) ? std::clamp(label.score, 0., 1.) : 0;
    fill_rounded(image_, box, layout_.corner, kTrack, kTrackOpacity);
    PixelBox bar = box;
    bar.width = std::lround(static_cast<double>(box.width) * score);
    if (bar.width > 0) fill_rounded(image_, bar, layout_.corner, best ? kBestBar : kBar, kBarOpacity);
    const Colour colour = best ? kText : kQuietText;
    const std::string number = fmt::format("{:.0f}%", score * 100);
    const int64_t number_left = box.left + box.width - layout_.pad - letters_.width_of(number);
    const int64_t left = box.left + layout_.pad;
    letters_.write(image_, letters_.fitted(label.text, number_left - left - layout_.pad), left, base_of(box),
                   colour);
    letters_.write(image_, number, number_left, base_of(box), colour);
  }

  Image image_;
  Lettering letters_;
  Layout layout_;
};

}  // namespace

Image draw_live_overlay(const Image& image, const LiveOverlay& overlay) {
  Painter painter(image);
  painter.labels(overlay.labels);
  painter.numbers(overlay);
  return painter.take();
}

Image draw_notice(const Image& image, const std::string& text) {
  Painter painter(image);
  painter.notice(text);
  return painter.take();
}

}  // namespace millrace
