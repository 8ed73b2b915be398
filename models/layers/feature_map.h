#pragma once
#include <algorithm>
#include <cassert>

#include "models/layers/rows.h"
#include "models/layers/workspace.h"

namespace millrace {

// Pictures on their way through a model: dense rows of channels, one for each position, line by line, picture
// after picture (NHWC).
struct FeatureMap {
  Rows rows;
  int64_t images = 0, height = 0, width = 0;
  // Of a picture that lies in one line behind a class token, how wide it is; 0: it doesn't.
  int64_t line_width = 0;

  int64_t channels() const { return rows.width; }
  int64_t positions() const { return height * width; }  // of one picture
  const float* image(int64_t i) const { return rows.row(i * positions()); }
  float* image(int64_t i) { return rows.row(i * positions()); }
  FeatureMap of(int64_t i) const { return {rows.slice(i * positions(), positions()), 1, height, width}; }
  // Lines [first, first + count) of a single picture.
  FeatureMap lines(int64_t first, int64_t count) const {
    return {rows.slice(first * width, count * width), 1, count, width};
  }
};

// Uninitialised, valid until the workspace's frame ends.
inline FeatureMap make_feature_map(Workspace& workspace, int64_t images, int64_t height, int64_t width,
                                   int64_t channels) {
  return {workspace.rows(images * height * width, channels), images, height, width};
}

// All channels of `from` to those of `to` from `column` on, position by position.
inline void copy_columns(const FeatureMap& from, const FeatureMap& to, int64_t column) {
  assert(from.rows.count == to.rows.count && column + from.channels() <= to.channels());
  for (int64_t row = 0; row < from.rows.count; ++row)
    std::copy_n(from.rows.row(row), from.channels(), to.rows.row(row) + column);
}

}  // namespace millrace
