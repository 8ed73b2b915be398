#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/console.h"
#include "graph/runtime/run_types.h"

namespace millrace::cli {

// What was found in pictures and films, on standard output. As text: a picture's lines, below its name where
// there are several, and a line for each picture of a film, with its time. As JSON: an object a line.
class PictureOutput {
 public:
  PictureOutput(std::vector<std::string> files, std::string_view format, Output& out)
      : files_(std::move(files)), json_(format == "json"), out_(out) {}

  // A result, and what a JSON object holds of it.
  void result(const OutputPacket& result, const nlohmann::ordered_json& fields);
  void finished(const FinishedItem& item);

 private:
  void write_header(size_t item, const std::string& file);
  void write_json(const std::string& file, double seconds, const nlohmann::ordered_json& fields);

  std::vector<std::string> files_;
  bool json_;
  Output& out_;
  size_t headers_ = 0;  // items whose name has been printed
};

// The file for the picture at a time in a film: "film.00012.480.boxes.png" of film.boxes.png. The file itself
// for a picture, which has no time (kNoTime).
std::filesystem::path file_at(const std::filesystem::path& file, std::string_view ending, double seconds);

// Written beside, then renamed. Error(io) where it cannot be.
void write_whole(const std::filesystem::path& file, std::string_view bytes);

}  // namespace millrace::cli
