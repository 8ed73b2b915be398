#include "nodes/image_draw.h"

#include "drawing/box_overlay.h"
#include "drawing/legend.h"
#include "drawing/segment_overlay.h"

namespace millrace {
namespace {

Image with_objects(const Image& image, const Detections& detections) {
  std::vector<DrawnBox> boxes;
  for (const auto& [label, box] : detections.objects)
    boxes.push_back({.left = box.x0,
                     .top = box.y0,
                     .right = box.x1,
                     .bottom = box.y1,
                     .colour = class_colour(box.label),
                     .text = fmt::format("{} {:.1f} %", label, box.score * 100)});
  return draw_boxes(image, boxes);
}

const ClassMap& classes_of(const Segmentation& segments) {
  if (segments.classes.classes.empty())
    fail(ErrorKind::pipeline, "logits cannot be drawn; image.segment gives labels with do_argmax: true");
  return segments.classes;
}

std::vector<LegendEntry> entries_of(const Segmentation& segments) {
  std::vector<LegendEntry> entries;
  for (const auto& [index, label, share] : segments.parts)
    entries.push_back({class_colour(index), fmt::format("{} {:.1f} %", label, share * 100)});
  return entries;
}

}  // namespace

ImageDraw::Out ImageDraw::operator()(const In& in) const {
  Image drawn = *in.image;
  if (in.segments) drawn = draw_segments(drawn, classes_of(*in.segments), params_.opacity);
  if (in.objects) drawn = with_objects(drawn, *in.objects);
  if (in.segments && params_.legend) drawn = with_legend(drawn, entries_of(*in.segments));
  return {.image = std::move(drawn)};
}

}  // namespace millrace
