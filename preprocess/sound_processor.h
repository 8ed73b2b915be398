#pragma once
#include <optional>
#include <string>

#include "preprocess/log_mel.h"

namespace millrace {

struct SoundProcessorOptions {
  LogMelOptions mel;
  // What becomes of a recording, as the processors of transformers have it:
  enum class Windows {
    first,  // its first window, filled up with silence (Qwen2-Audio)
    each,   // windows computed one by one, the last filled up (Audio Flamingo 3)
    joint,  // filled up to whole windows, computed together and then cut (Voxtral)
    whole,  // one of any length (Granite Speech)
  };
  Windows windows = Windows::first;
  int64_t longest_seconds = 0;  // what is beyond whole windows of so many is left out; 0: nothing is
  std::string mask;             // the name of the mask; empty: there is none

  // Of Windows::whole: so many frames side by side are one row; and of each `projector_window` rows, begun
  // ones too, a projector makes window / downsampling embeddings, of which the mask tells.
  int64_t stacked_frames = 1;
  int64_t projector_window = 1, projector_downsampling = 1;
};

// Features of whole sounds, as transformers' processors of language models that hear compute them.
// Immutable: one instance serves all threads.
class SoundProcessor {
 public:
  explicit SoundProcessor(const SoundProcessorOptions& options);
  const SoundProcessorOptions& options() const { return options_; }
  // Of a recording that is longer, the rest is left out; none where all is heard.
  std::optional<int64_t> longest_samples() const;

  struct Features {
    Tensor values;  // [windows, bands, frames] float32; of Windows::whole [1, rows, stacked bands]
    // int64 [windows, frames], 1 where a frame has any of the sound in it; of Windows::whole [1, embeddings];
    // empty where the options name none
    Tensor mask;
  };
  // `clip` is of the sample rate of the options. An empty one, or of Windows::whole one that is shorter than
  // two rows, is Error(input).
  Features operator()(const AudioClip& clip) const;

 private:
  int64_t most_windows() const;  // 0: any number
  Features windowed(const AudioClip& clip, int64_t windows) const;
  Features joint(const AudioClip& clip, int64_t windows) const;
  Features whole(const AudioClip& clip) const;

  SoundProcessorOptions options_;
  LogMel mel_;
};

}  // namespace millrace
