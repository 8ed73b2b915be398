#include "cli/devices.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/shared_options.h"
#include "devices/audio_devices.h"
#include "devices/camera_devices.h"

namespace millrace::cli {
namespace {

constexpr const char* kNoMicrophone =
    "Live sound can come from a program or a file instead: arecord -f S16_LE -r 16000 | millrace run "
    "PIPELINE "
    "-\nWith PulseAudio, what a sound card plays is a microphone, too: pactl load-module module-null-sink "
    "(ALSA's plug-in for it is in the package libasound2-plugins)";
constexpr const char* kNoCamera = "Pictures can come from a film, or from an http or rtsp address, instead.";

std::string line_of(const AudioDevice& device) {
  return fmt::format("{:>4}  {}  ({}, up to {} channels, {:g} Hz){}", device.number, device.name,
                     device.host_api, device.channels, device.sample_rate,
                     device.is_default ? "  default" : "");
}

void print_text(const std::vector<AudioDevice>& microphones, const std::vector<CameraDevice>& cameras,
                Output& out) {
  out.line(microphones.empty() ? "There is no microphone." : "Microphones");
  for (const AudioDevice& device : microphones) out.line(line_of(device));
  if (microphones.empty()) out.line(kNoMicrophone);
  out.line(cameras.empty() ? "There is no camera." : "Cameras");
  for (const CameraDevice& device : cameras)
    out.line(fmt::format("{:>4}  {}  ({})", device.number, device.name, device.path));
  if (cameras.empty()) out.line(kNoCamera);
}

void print_json(const std::vector<AudioDevice>& microphones, const std::vector<CameraDevice>& cameras,
                Output& out) {
  nlohmann::ordered_json json = {{"microphones", nlohmann::ordered_json::array()},
                                 {"cameras", nlohmann::ordered_json::array()}};
  for (const AudioDevice& device : microphones)
    json["microphones"].push_back({{"number", device.number},
                                   {"name", device.name},
                                   {"host_api", device.host_api},
                                   {"channels", device.channels},
                                   {"sample_rate", device.sample_rate},
                                   {"default", device.is_default}});
  for (const CameraDevice& device : cameras)
    json["cameras"].push_back({{"number", device.number}, {"name", device.name}, {"path", device.path}});
  out.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

Subcommand add_devices_command(CLI::App& parent) {
  CLI::App* app = add_subcommand(parent, "devices", "lists the microphones and cameras",
                                 "millrace devices\nmillrace devices --format json");
  const auto format = std::make_shared<std::string>("text");
  add_format_option(*app, *format, {"text", "json"});
  return {app, [format](Console& console) {
            (*format == "json" ? print_json : print_text)(audio_inputs(), camera_devices(), console.out);
            return 0;
          }};
}

}  // namespace millrace::cli
