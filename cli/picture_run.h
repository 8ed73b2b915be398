#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/node_options.h"
#include "cli/shared_options.h"
#include "graph/runtime/run_types.h"

namespace millrace::cli {

// What the commands that look at pictures and films have in common.
struct PictureOptions {
  std::vector<std::string> paths;
  ModelOptions model;
  std::string format = "text", folder, trace;
  NodeSettings values;
  Loudness loudness;
};

// The arguments; and --every, --trace and how loud.
void add_picture_paths(CLI::App& app, PictureOptions& options);
void add_reading_options(CLI::App& app, PictureOptions& options);

// All of these, and between them --model, --format, -o (`files_help` says what goes there).
void add_picture_options(CLI::App& app, PictureOptions& options, const std::string& files_help);

// Runs the shipped pipeline `name` over them. `found` is the output that is told of, with the fields that
// `fields` gives of it; `write` takes what goes to the folder, the output "picture" too, if there is one.
struct PictureRun {
  std::string name, found;
  const std::vector<std::string>& files;
  std::function<nlohmann::ordered_json(const Packet&)> fields;
  std::function<void(const OutputPacket&)> write;  // none: nothing is drawn
};
int run_pictures(const PictureRun& run, const PictureOptions& options, Console& console);

}  // namespace millrace::cli
