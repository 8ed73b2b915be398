#include "drawing/legend.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/limits.h"
#include "drawing/canvas.h"
#include "drawing/lettering.h"

namespace millrace {
namespace {

constexpr uint8_t kPaper = 255;
constexpr Colour kInk{30, 30, 30};

// Where things go, from the height of the letters.
struct Layout {
  explicit Layout(const Lettering& lettering)
      : swatch(lettering.height() * 3 / 2),
        gap(lettering.height() * 3 / 4),
        between(lettering.height() * 2),
        margin(lettering.height() * 5 / 4),
        line(lettering.height() * 5 / 2) {}
  int64_t swatch;   // its edge
  int64_t gap;      // from it to its text
  int64_t between;  // entries
  int64_t margin;   // around all
  int64_t line;     // from one to the next
};

struct Place {
  int64_t left, line;
};

// Entries side by side, as many as a line takes.
std::vector<Place> places_of(const std::vector<int64_t>& widths, int64_t width, const Layout& layout) {
  std::vector<Place> places;
  int64_t left = layout.margin, line = 0;
  for (const int64_t entry : widths) {
    if (left > layout.margin && left + entry > width - layout.margin) {
      left = layout.margin;
      ++line;
    }
    places.push_back({left, line});
    left += entry + layout.between;
  }
  return places;
}

// Wide enough for the widest entry, unless a long strip would become a huge picture.
int64_t width_for(const Image& image, int64_t entry) {
  const bool fits = entry <= limits::kPixels / image.height;
  return std::max(image.width, fits ? entry : 0);
}

}  // namespace

Image with_legend(const Image& image, std::span<const LegendEntry> entries) {
  if (entries.empty()) return image;
  const auto lettering = Lettering::for_picture(image.height, image.width);
  const Layout layout(lettering);
  std::vector<int64_t> widths;
  for (const auto& entry : entries)
    widths.push_back(layout.swatch + layout.gap + lettering.width_of(entry.text));
  const int64_t width = width_for(image, std::ranges::max(widths) + 2 * layout.margin);
  const auto places = places_of(widths, width, layout);

  const int64_t height = 2 * layout.margin + places.back().line * layout.line + layout.swatch;
  Image result(image.height + height, width);
  std::ranges::fill(result.pixels, kPaper);
  for (int64_t y = 0; y < image.height; ++y)
    std::copy_n(image.row(y), image.width * Image::kChannels, result.row(y));
  result.seconds = image.seconds;
  result.began_at = image.began_at;
  cv::Mat canvas = canvas_of(result);
  for (size_t i = 0; i < entries.size(); ++i) {
    const int64_t top = image.height + layout.margin + places[i].line * layout.line;
    const cv::Rect swatch(static_cast<int>(places[i].left), static_cast<int>(top),
                          static_cast<int>(layout.swatch), static_cast<int>(layout.swatch));
    cv::rectangle(canvas, swatch, scalar_of(entries[i].colour), cv::FILLED);
    const int64_t room = width - 2 * layout.margin - layout.swatch - layout.gap;
    lettering.write(result, lettering.fitted(entries[i].text, room),
                    places[i].left + layout.swatch + layout.gap,
                    top + (layout.swatch + lettering.height()) / 2, kInk);
  }
  return result;
}

}  // namespace millrace
