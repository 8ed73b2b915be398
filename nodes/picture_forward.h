#pragma once
#include <span>
#include <vector>

#include "graph/packet.h"
#include "models/model.h"
#include "nodes/image_packets.h"

namespace millrace {

// What a model's method `forward` makes of each of the pictures, without the batch's dimension. Neighbours of
// one size go through it together; where the processor keeps the pictures' shapes, the others wait.
std::vector<NamedTensors> forward_pictures(const Model& model, std::span<const Ref<PixelValues>> pixels);

}  // namespace millrace
