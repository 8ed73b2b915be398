#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "preprocess/image.h"

namespace millrace {

// Writes pictures that come at any pace as a film of 30 pictures a second, each shown until the next one's
// time: MPEG-4 in .mp4 or .mkv, Motion JPEG in .avi. The film is written beside its place and gets its name
// when it is whole.
class FilmRecorder {
 public:
  // Error(usage): another ending. Error(io): nothing can be written there.
  explicit FilmRecorder(const std::filesystem::path& path);
  // Without finish() nothing is left.
  ~FilmRecorder();

  // At so many seconds, never before the last one's. All are brought to the first one's size. Error(io).
  void add(const Image& image, double seconds);
  // The film is there afterwards, if a picture was added: says whether one was. Error(io).
  bool finish();

 private:
  struct Writer;

  std::filesystem::path path_, beside_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace millrace
