#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "encoders/class_map.h"
#include "encoders/detected_boxes.h"
#include "graph/packet.h"
#include "preprocess/image.h"

// What travels along the edges of pipelines of pictures, beside Image.
namespace millrace {

struct PixelValues {
  Tensor values;  // [channels, height, width] float32
  std::optional<Tensor> mask =
      {};  // [height, width] int64: 1 where the picture is; of processors that tell one
};

struct Prediction {
  int64_t index = 0;
  std::string label;
  double score = 0;
};

// What is on a picture, the likeliest first.
struct Predictions {
  std::vector<Prediction> best;
};

// What each pixel of a picture shows.
struct Segmentation {
  struct Part {
    int64_t index = 0;
    std::string label;
    double share = 0;  // of all pixels
  };
  int64_t labels = 0;       // that the model tells apart
  ClassMap classes;         // empty where the logits were asked for
  std::vector<Part> parts;  // the labels that occur, the largest share first
  Tensor logits;            // [labels, height, width], or empty
};

// What is where on a picture, the likeliest first.
struct Detections {
  struct Object {
    std::string label;
    DetectedBox box;
  };
  std::vector<Object> objects;
};

template <>
struct PacketTime<Image> {
  static double seconds(const Image& image) { return image.seconds.value_or(kNoTime); }
};

}  // namespace millrace
