#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "preprocess/image.h"
#include "preprocess/promised_length.h"

namespace millrace {

// The pictures of a film one after the other, each with its time: AVI, MP4 (MOV, 3GP), Matroska, WebM, Ogg,
// MPEG, Windows Media, Flash, decoded by OpenCV (FFmpeg) and turned the right way up. Holds one picture at a
// time.
class FilmReader {
 public:
  // One picture for every so many seconds, the first at or after each multiple of `every`; 0: all. Error(io):
  // the file cannot be opened. Error(input): it holds no pictures that can be decoded, or ones too large.
  explicit FilmReader(const std::string& path, double every = 0);
  ~FilmReader();

  // Whether it is a regular file that looks like a film, by its first bytes. Error(io): it may not be read.
  static bool is_film(const std::string& path);

  // Nothing at the end. Error(input) where a film ends before its file says so, after all that could be read,
  // or where none could. Pictures that are damaged in themselves are as FFmpeg mends them.
  std::optional<Image> next();
  // How long the file says the film is, if it says so.
  std::optional<double> seconds() const { return promised_.seconds; }

 private:
  struct Capture;

  bool grab();  // the next picture, with its time; false at the end
  Image picture() const;
  void check_end() const;
  bool is_too_short() const;

  std::string path_;
  double every_;
  PromisedLength promised_;
  int64_t missing_bytes_ = 0, frames_ = 0;
  double time_ = 0, due_ = 0;  // of the picture that was read last, of the next to be given
  double longest_step_ = 0;    // from one picture to the next
  std::unique_ptr<Capture> capture_;
};

}  // namespace millrace
