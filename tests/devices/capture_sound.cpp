// capture_sound DEVICE FILE: writes what a microphone hears to a file of 32-bit floats, 16 kHz, until SIGINT;
// and how late the blocks came to standard output, as JSON.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <vector>

#include "base/error.h"
#include "devices/live_audio.h"

namespace {
const auto stop = std::make_shared<millrace::StopToken>();
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  std::signal(SIGINT, [](int) { stop->cancel(); });
  try {
    const auto clock = std::make_shared<millrace::SystemClock>();
    const auto audio = millrace::open_live_audio(arguments[1], {}, clock, stop);
    std::ofstream file(arguments[2], std::ios::binary);
    std::vector<double> late;
    while (const auto sound = audio->next()) {
      if (!sound->clip) continue;
      const auto& clip = *sound->clip;
      late.push_back(clock->now() - clip.began_at - clip.seconds_at(clip.length()));
      file.write(reinterpret_cast<const char*>(clip.samples.data()), clip.length() * 4);
    }
    const auto counts = audio->finish();
    std::sort(late.begin(), late.end());
    std::printf("{\"median_latency\": %f, \"captured\": %ld, \"processed\": %ld, \"dropped\": %ld}\n",
                late.empty() ? 0 : late[late.size() / 2], counts.captured, counts.processed, counts.dropped);
  } catch (const millrace::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
