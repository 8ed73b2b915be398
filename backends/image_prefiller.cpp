#include "backends/image_prefiller.h"

#include <charconv>

#include "base/error.h"
#include "preprocess/image_reader.h"

namespace millrace {
namespace {

constexpr size_t kMostFiles = 1024;  // that are known

// Of the pixels and how they lie.
std::string picture_key(const Image& image) {
  return fmt::format("{}x{}:{}", image.height, image.width,
                     content_key(std::as_bytes(std::span(image.pixels))));
}

// The first 64 bits of the digest.
uint64_t number_of(const std::string& key) {
  uint64_t number = 0;
  const char* digits = key.data() + key.find(':') + 1;
  std::from_chars(digits, digits + 16, number, 16);
  return number;
}

}  // namespace

ImagePrefiller::ImagePrefiller(std::shared_ptr<const LoadedModel> model, int64_t cache_bytes)
    : model_(std::move(model)), encoded_(cache_bytes) {}

ImagePrefiller::Result ImagePrefiller::prefill(const MediaFile& file) {
  if (!model_->multimodal) fail_at(ErrorKind::input, model_->methods->source(), "reads no pictures");
  const auto bytes = std::as_bytes(std::span(file.bytes));
  const std::string file_key = content_key(bytes);
  std::string key;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = pictures_.find(file_key); known != pictures_.end()) key = known->second;
  }
  if (!key.empty())
    if (auto picture = encoded_.find(key)) return {.picture = std::move(picture)};
  const Image image = decode_image(bytes, file.name);
  key = picture_key(image);
  {
    const std::lock_guard lock(mutex_);
    if (pictures_.size() >= kMostFiles) pictures_.clear();
    pictures_[file_key] = key;
  }
  if (auto picture = encoded_.find(key)) return {.picture = std::move(picture)};
  auto picture = std::make_shared<const EncodedPicture>(
      EncodedPicture{.prepared = prepare_picture(*model_, image), .content = number_of(key)});
  encoded_.add(key, picture);
  return {.picture = std::move(picture), .encoded = true};
}

}  // namespace millrace
