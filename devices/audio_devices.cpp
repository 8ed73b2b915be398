#include "devices/audio_devices.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/suggest.h"

namespace millrace {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::vector<std::string> names_of(std::span<const AudioDevice> devices) {
  std::vector<std::string> names;
  for (const AudioDevice& device : devices) names.push_back(device.name);
  return names;
}

}  // namespace

bool is_device_number(const std::string& name) {
  return !name.empty() && name.size() < 7 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

const AudioDevice& find_audio_input(std::span<const AudioDevice> devices, const std::string& wanted) {
  if (devices.empty())
    fail(ErrorKind::io, "there is no microphone; 'millrace devices' says what can be done about it");
  const auto chosen = [&](auto&& matches) { return std::find_if(devices.begin(), devices.end(), matches); };
  auto found = devices.end();
  if (wanted == "default") {
    found = chosen([](const AudioDevice& device) { return device.is_default; });
    return found == devices.end() ? devices.front() : *found;
  }
  if (is_device_number(wanted))
    found = chosen([&](const AudioDevice& device) { return device.number == std::stoi(wanted); });
  else
    found = chosen([&](const AudioDevice& device) { return device.name == wanted; });
  if (found != devices.end()) return *found;

  std::vector<const AudioDevice*> parts;
  for (const AudioDevice& device : devices)
    if (!wanted.empty() && lower(device.name).find(lower(wanted)) != std::string::npos)
      parts.push_back(&device);
  if (parts.size() == 1) return *parts.front();
  std::vector<std::string> names;
  for (const AudioDevice* part : parts) names.push_back(fmt::format("{} ({})", part->name, part->number));
  if (!parts.empty())
    fail(ErrorKind::usage, "'{}' is a part of the names of several microphones: {}", wanted,
         fmt::join(names, ", "));
  fail(ErrorKind::usage, "there is no file and no microphone '{}'{}; 'millrace devices' lists them", wanted,
       did_you_mean(wanted, names_of(devices)));
}

}  // namespace millrace
