#include "backends/media_prefiller.h"

#include <charconv>

#include "backends/prepared_sound.h"
#include "base/error.h"
#include "preprocess/image_reader.h"
#include "preprocess/sound_bytes.h"

namespace millrace {
namespace {

constexpr size_t kMostFiles = 1024;  // that are known

// The first 64 bits of the digest, which stands last in a key.
uint64_t number_of(const std::string& key) {
  uint64_t number = 0;
  const char* digits = key.data() + key.rfind(':') + 1;
  std::from_chars(digits, digits + 16, number, 16);
  return number;
}

template <class T>
std::string key_of(const std::vector<T>& values) {
  return content_key(std::as_bytes(std::span(values)));
}

}  // namespace

MediaPrefiller::MediaPrefiller(std::shared_ptr<const LoadedModel> model, int64_t cache_bytes)
    : model_(std::move(model)), encoded_(cache_bytes) {}

std::string MediaPrefiller::known_content(const std::string& file_key) {
  const std::lock_guard lock(mutex_);
  const auto known = contents_.find(file_key);
  return known == contents_.end() ? std::string() : known->second;
}

MediaPrefiller::Result MediaPrefiller::prefill(const MediaFile& file) {
  const std::string file_key = content_key(std::as_bytes(std::span(file.bytes)));
  if (auto medium = encoded_.find(known_content(file_key))) return {.medium = std::move(medium)};
  const auto [key, prepare] = decode(file);
  {
    const std::lock_guard lock(mutex_);
    if (contents_.size() >= kMostFiles) contents_.clear();
    contents_[file_key] = key;
  }
  if (auto medium = encoded_.find(key)) return {.medium = std::move(medium)};
  auto medium =
      std::make_shared<const EncodedMedium>(EncodedMedium{.prepared = prepare(), .content = number_of(key)});
  encoded_.add(key, medium);
  return {.medium = std::move(medium), .encoded = true};
}

MediaPrefiller::Decoded ImagePrefiller::decode(const MediaFile& file) const {
  if (!model().multimodal || !model().multimodal->pictures())
    fail_at(ErrorKind::input, model().methods->source(), "the model sees no pictures");
  auto image = decode_image(std::as_bytes(std::span(file.bytes)), file.name);
  auto key = fmt::format("{}x{}:{}", image.height, image.width, key_of(image.pixels));
  return {.key = std::move(key),
          .prepare = [this, image = std::move(image)] { return prepare_picture(model(), image); }};
}

MediaPrefiller::Decoded AudioPrefiller::decode(const MediaFile& file) const {
  if (!model().multimodal || !model().multimodal->sounds())
    fail_at(ErrorKind::input, model().methods->source(), "the model hears no sounds");
  auto clip = decode_sound(file.bytes, file.name);
  auto key = fmt::format("{}:{}", clip.sample_rate, key_of(clip.samples));
  return {.key = std::move(key),
          .prepare = [this, clip = std::move(clip)] { return prepare_sound(model(), clip); }};
}

}  // namespace millrace
