#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "backends/content_cache.h"
#include "backends/encoded_media.h"
#include "backends/media_file.h"

namespace millrace {

// Makes pictures or sounds ready for one model (ExecuTorch's prefillers also feed them; here a SequenceBatch
// does). What has been encoded is given again where the decoded content is the same, whatever file it came
// in; a file that is known is not even decoded. Thread-safe.
class MediaPrefiller {
 public:
  virtual ~MediaPrefiller() = default;

  struct Result {
    std::shared_ptr<const EncodedMedium> medium;
    bool encoded = false;  // now, and not before
  };
  // Error(input) naming the file for what cannot be decoded, and for any file where the model takes none.
  Result prefill(const MediaFile& file);

 protected:
  // Keeps at most `cache_bytes` of embeddings.
  MediaPrefiller(std::shared_ptr<const LoadedModel> model, int64_t cache_bytes);

  struct Decoded {
    std::string key;                         // of the content: content_key(), and what else tells it apart
    std::function<PreparedMedia()> prepare;  // encodes it
  };
  virtual Decoded decode(const MediaFile& file) const = 0;
  const LoadedModel& model() const { return *model_; }

 private:
  std::string known_content(const std::string& file_key);

  std::shared_ptr<const LoadedModel> model_;
  ContentCache<EncodedMedium> encoded_;
  std::mutex mutex_;
  std::map<std::string, std::string> contents_;  // keys of files to those of their contents
};

class ImagePrefiller : public MediaPrefiller {
 public:
  ImagePrefiller(std::shared_ptr<const LoadedModel> model, int64_t cache_bytes)
      : MediaPrefiller(std::move(model), cache_bytes) {}

 protected:
  Decoded decode(const MediaFile& file) const override;
};

class AudioPrefiller : public MediaPrefiller {
 public:
  AudioPrefiller(std::shared_ptr<const LoadedModel> model, int64_t cache_bytes)
      : MediaPrefiller(std::move(model), cache_bytes) {}

 protected:
  Decoded decode(const MediaFile& file) const override;
};

}  // namespace millrace
