#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/stream_clock.h"
#include "base/stream_gap.h"
#include "devices/stream_account.h"
#include "preprocess/audio_clip.h"
#include "preprocess/audio_source.h"

namespace millrace {

// What a live source gives next: sound, a gap, or sound and the gap that follows it.
struct LiveSound {
  std::optional<AudioClip> clip;  // 16 kHz, mono, about a tenth of a second, one span; with its began_at
  std::optional<StreamGap> gap;
};

// Sound without end. That sound stays away or is lost is said to the log when it is noticed and when it ends;
// the stream and its time go on through it. A gap comes as soon as it is noticed, at the latest a second
// after it began, and again, from there on, when it has ended.
class LiveAudio {
 public:
  virtual ~LiveAudio() = default;
  // Waits for it. Nothing: the stream has ended, or was told to. Error(io): a source that cannot be opened or
  // read.
  virtual std::optional<LiveSound> next() = 0;
  // Captures nothing more; what nobody asked for is dropped. In samples of one channel at the source's own
  // rate.
  virtual StreamCounts finish() = 0;
};

struct LiveAudioOptions {
  int rate = 0;            // that a microphone is asked for; 0: its own
  int channels = 1;        // that a microphone is asked for, which are averaged
  AudioOptions file = {};  // of the others: how they are stored
};

// `source` is "-" (standard input), "default", a microphone's number, a file (played as if it were spoken
// now), or a microphone's name or a part of it. `stop` may be null. Error(io): it cannot be opened.
// Error(usage): there is no such microphone. Error(input): it is no sound.
std::unique_ptr<LiveAudio> open_live_audio(const std::string& source, const LiveAudioOptions& options,
                                           std::shared_ptr<StreamClock> clock,
                                           std::shared_ptr<const CancelToken> stop);

// What a run opens live sound with, where it is not open_live_audio: a Resource for tests.
struct AudioOpener {
  std::function<std::unique_ptr<LiveAudio>(const std::string& source, const LiveAudioOptions& options)> open;
};

}  // namespace millrace
