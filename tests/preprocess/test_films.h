#pragma once
#include <cmath>
#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>
#include <stdexcept>

#include "preprocess/opencv_setup.h"

namespace millrace {

// The level of all of a film's picture: each can be told from its neighbours.
inline int film_level(int frame) { return 20 + frame * 37 % 200; }

// A film of `frames` pictures of 48 x 64, each of one grey: Motion JPEG in AVI, MPEG-4 in MP4 or Matroska by
// the ending.
inline void write_film(const std::filesystem::path& path, int frames, double rate) {
  set_up_opencv();
  const bool avi = path.extension() == ".avi";
  cv::VideoWriter writer(
      path.string(), avi ? cv::CAP_OPENCV_MJPEG : cv::CAP_FFMPEG,
      avi ? cv::VideoWriter::fourcc('M', 'J', 'P', 'G') : cv::VideoWriter::fourcc('m', 'p', '4', 'v'), rate,
      {64, 48});
  if (!writer.isOpened()) throw std::runtime_error("no film can be written");
  for (int i = 0; i < frames; ++i) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(film_level(i))));
}

}  // namespace millrace
