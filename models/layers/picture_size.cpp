#include "models/layers/picture_size.h"

#include "base/error.h"

namespace millrace {

PictureSize picture_size(const Settings& settings, std::string_view name) {
  if (!settings.is_list(name)) {
    const int64_t size = settings.size(name);
    return {size, size};
  }
  const auto sizes = settings.sizes(name);
  if (sizes.size() != 2)
    fail_at(ErrorKind::model, settings.where(name),
            "a number or [height, width] was expected, not {} numbers", sizes.size());
  return {sizes[0], sizes[1]};
}

}  // namespace millrace
