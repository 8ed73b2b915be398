#include "models/layers/token_line.h"

namespace millrace {

FeatureMap line_behind(const Tensor& token, const FeatureMap& pictures, Workspace& workspace) {
  auto lines = make_feature_map(workspace, pictures.images, 1, 1 + pictures.positions(), pictures.channels());
  lines.line_width = pictures.width;
  for (int64_t image = 0; image < lines.images; ++image) {
    float* to = std::copy_n(token.data<float>(), lines.channels(), lines.image(image));
    std::copy_n(pictures.image(image), pictures.positions() * pictures.channels(), to);
  }
  return lines;
}

FeatureMap class_tokens_of(const FeatureMap& lines, Workspace& workspace) {
  const auto tokens = make_feature_map(workspace, lines.images, 1, 1, lines.channels());
  for (int64_t image = 0; image < lines.images; ++image)
    std::copy_n(lines.image(image), lines.channels(), tokens.rows.row(image));
  return tokens;
}

FeatureMap pictures_of(const FeatureMap& lines, Workspace& workspace) {
  if (lines.line_width == 0) return lines;
  auto pictures = make_feature_map(workspace, lines.images, (lines.width - 1) / lines.line_width,
                                   lines.line_width, lines.channels());
  for (int64_t image = 0; image < lines.images; ++image)
    std::copy_n(lines.rows.row(image * lines.positions() + 1), pictures.positions() * pictures.channels(),
                pictures.image(image));
  return pictures;
}

}  // namespace millrace
