#include "nodes/image_read.h"

#include "preprocess/image_reader.h"

namespace millrace {

ImageRead::Out ImageRead::operator()(const In& in) const { return {.image = read_image(*in.path)}; }

}  // namespace millrace
