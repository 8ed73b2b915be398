#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "graph/packet.h"
#include "models/model.h"
#include "nodes/image_packets.h"

namespace millrace {

// What a model's method makes of each of the pictures, without the batch's dimension. Neighbours of one size
// go through it together; where the processor keeps the pictures' shapes, the others wait.
std::vector<NamedTensors> forward_pictures(const Model& model, std::span<const Ref<PixelValues>> pixels,
                                           std::string_view method = "forward");

}  // namespace millrace
