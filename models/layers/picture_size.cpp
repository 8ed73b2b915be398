#include "models/layers/picture_size.h"

#include "base/error.h"

namespace millrace {
namespace {

constexpr int64_t kLargestEdge = 1 << 16;

int64_t edge(const Settings& settings, std::string_view name, int64_t size) {
  if (size > kLargestEdge)
    fail_at(ErrorKind::model, settings.where(name), "{} is too large; at most {} is supported", size,
            kLargestEdge);
  return size;
}

}  // namespace

PictureSize picture_size(const Settings& settings, std::string_view name) {
  if (!settings.is_list(name)) {
    const int64_t size = edge(settings, name, settings.size(name));
    return {size, size};
  }
  const auto sizes = settings.sizes(name);
  if (sizes.size() != 2)
    fail_at(ErrorKind::model, settings.where(name),
            "a number or [height, width] was expected, not {} numbers", sizes.size());
  return {edge(settings, name, sizes[0]), edge(settings, name, sizes[1])};
}

}  // namespace millrace
