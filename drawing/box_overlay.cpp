#include "drawing/box_overlay.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <ranges>
#include <vector>

#include "drawing/canvas.h"
#include "drawing/lettering.h"

namespace millrace {
namespace {

int line_width(const Image& image) {
  return std::max(1, static_cast<int>(std::lround(std::min(image.height, image.width) / 200.)));
}

// The pixels that the box covers, at least one.
cv::Rect covered(const DrawnBox& box, const Image& image) {
  const auto pixel = [](double edge, int64_t count) {
    const double whole = std::isnan(edge) ? 0 : std::round(edge);
    return static_cast<int>(std::clamp(whole, 0., static_cast<double>(count)));
  };
  const int left = std::min(pixel(box.left, image.width), static_cast<int>(image.width) - 1);
  const int top = std::min(pixel(box.top, image.height), static_cast<int>(image.height) - 1);
  const int right = std::max(pixel(box.right, image.width), left + 1);
  const int bottom = std::max(pixel(box.bottom, image.height), top + 1);
  return {left, top, right - left, bottom - top};
}

// A line of `width` pixels inside of the edges.
void draw_frame(cv::Mat& canvas, const cv::Rect& edges, int width, Colour colour) {
  const int down = std::min(width, edges.height), across = std::min(width, edges.width);
  const auto filled = [&](int x, int y, int w, int h) {
    cv::rectangle(canvas, cv::Rect(x, y, w, h), scalar_of(colour), cv::FILLED);
  };
  filled(edges.x, edges.y, edges.width, down);
  filled(edges.x, edges.y + edges.height - down, edges.width, down);
  filled(edges.x, edges.y, across, edges.height);
  filled(edges.x + edges.width - across, edges.y, across, edges.height);
}

// A thin line of the colour that can be told from the frame's, inside of it, for backgrounds like the frame.
void draw_box(cv::Mat& canvas, const cv::Rect& edges, int width, Colour colour) {
  draw_frame(canvas, edges, width + std::max(1, width / 3), text_colour_on(colour));
  draw_frame(canvas, edges, width, colour);
}

// Tags with their places, which is where the ones before are not, if there is such a place.
class Tags {
 public:
  Tags(const Image& image, int line)
      : lettering_(Lettering::for_picture(image.height, image.width)),
        bounds_(0, 0, static_cast<int>(image.width), static_cast<int>(image.height)),
        line_(line),
        pad_(static_cast<int>(lettering_.height()) / 2) {}

  void place(const cv::Rect& box, const DrawnBox& drawn) {
    const std::string text = lettering_.fitted(drawn.text, bounds_.width - 2 * pad_);
    if (text.empty()) return;
    tags_.push_back({place_of(box, size_of(text)), drawn.colour, text});
  }

  void draw(Image& image) const {
    cv::Mat canvas = canvas_of(image);
    for (const Tag& tag : tags_) {
      cv::rectangle(canvas, tag.place, scalar_of(tag.colour), cv::FILLED);
      lettering_.write(image, tag.text, tag.place.x + pad_, tag.place.y + pad_ + lettering_.height(),
                       text_colour_on(tag.colour));
    }
  }

 private:
  struct Tag {
    cv::Rect place;
    Colour colour;
    std::string text;
  };

  cv::Size size_of(const std::string& text) const {
    return {static_cast<int>(lettering_.width_of(text)) + 2 * pad_,
            static_cast<int>(lettering_.height()) + 2 * pad_ + static_cast<int>(lettering_.descent()) / 2};
  }

  cv::Rect inside(cv::Rect tag) const {
    tag.x = std::clamp(tag.x, 0, std::max(0, bounds_.width - tag.width));
    tag.y = std::clamp(tag.y, 0, std::max(0, bounds_.height - tag.height));
    return tag & bounds_;
  }

  bool is_free(const cv::Rect& place) const {
    return std::ranges::none_of(tags_, [&](const Tag& tag) { return (tag.place & place).area() > 0; });
  }

  // Above the box, or in it at its top, in it at its bottom, below it.
  cv::Rect place_of(const cv::Rect& box, cv::Size size) const {
    const int bottom = box.y + box.height;
    const int tops[] = {box.y - size.height, box.y + line_, bottom - line_ - size.height, bottom};
    for (const int left : {box.x, box.x + box.width - size.width})
      for (const int top : tops) {
        const cv::Rect wanted({left, top}, size), place = inside(wanted);
        if (place.y == wanted.y && is_free(place)) return place;
      }
    return inside({{box.x, tops[0]}, size});
  }

  Lettering lettering_;
  cv::Rect bounds_;
  int line_, pad_;
  std::vector<Tag> tags_;
};

}  // namespace

Image draw_boxes(const Image& image, std::span<const DrawnBox> boxes) {
  Image drawn = image;
  cv::Mat canvas = canvas_of(drawn);
  const int width = line_width(image);
  for (const DrawnBox& box : std::views::reverse(boxes))
    draw_box(canvas, covered(box, image), width, box.colour);
  Tags tags(image, width);
  for (const DrawnBox& box : boxes) tags.place(covered(box, image), box);
  tags.draw(drawn);
  return drawn;
}

}  // namespace millrace
