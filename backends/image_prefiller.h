#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "backends/content_cache.h"
#include "backends/media_file.h"
#include "backends/prepared_picture.h"

namespace millrace {

// A picture that is ready to stand in prompts.
struct EncodedPicture {
  PreparedPicture prepared;
  uint64_t content = 0;  // equal for the same picture
  int64_t bytes() const { return static_cast<int64_t>(prepared.embeddings.bytes().size()); }
};

// Makes pictures ready for one model (ExecuTorch's ImagePrefiller, which also feeds them; here a
// SequenceBatch does). What it has encoded it gives again where the pixels are the same, whatever file they
// came in; a file that it knows is not even decoded. Thread-safe.
class ImagePrefiller {
 public:
  // Keeps at most `cache_bytes` of embeddings.
  ImagePrefiller(std::shared_ptr<const LoadedModel> model, int64_t cache_bytes);

  struct Result {
    std::shared_ptr<const EncodedPicture> picture;
    bool encoded = false;  // now, and not before
  };
  // What is no picture is Error(input) naming the file, and any picture where the model reads none.
  Result prefill(const MediaFile& file);

 private:
  std::shared_ptr<const LoadedModel> model_;
  ContentCache<EncodedPicture> encoded_;
  std::mutex mutex_;
  std::map<std::string, std::string> pictures_;  // keys of files to those of what is on them
};

}  // namespace millrace
