#include "nodes/image_draw.h"

#include "drawing/legend.h"
#include "drawing/segment_overlay.h"

namespace millrace {

Image ImageDraw::with_segments(const Image& image, const Segmentation& segments) const {
  if (segments.classes.classes.empty())
    fail(ErrorKind::pipeline, "logits cannot be drawn; image.segment gives labels with do_argmax: true");
  Image drawn = draw_segments(image, segments.classes, params_.opacity);
  if (!params_.legend) return drawn;
  std::vector<LegendEntry> entries;
  for (const auto& [index, label, share] : segments.parts)
    entries.push_back({class_colour(index), fmt::format("{} {:.1f} %", label, share * 100)});
  return with_legend(drawn, entries);
}

ImageDraw::Out ImageDraw::operator()(const In& in) const {
  Image drawn = *in.image;
  if (in.segments) drawn = with_segments(drawn, *in.segments);
  return {.image = std::move(drawn)};
}

}  // namespace millrace
