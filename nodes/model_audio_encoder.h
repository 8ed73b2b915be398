#pragma once
#include <memory>
#include <string>

#include "backends/media_prefiller.h"
#include "graph/contract.h"
#include "nodes/media_packets.h"

namespace millrace {

//   sounds: {type: model.audio_encoder, inputs: {files: prompt.sounds}, model: $model}
struct ModelAudioEncoder {
  struct Params {
    std::string model;
    int64_t cache_mib = 512;
  };
  struct In {
    Ref<SoundFiles> files;
  };
  struct Out {
    EncodedSounds sounds;
  };

  static constexpr auto contract = make_contract(
      {.type = "model.audio_encoder",
       .help =
           "What a language model hears in recordings. None is encoded twice, as long as it is remembered."},
      params(param<&Params::model>("model", "with a method `audio_encoder`, where there are sounds",
                                   {.required = true, .model = true}),
             param<&Params::cache_mib>("cache_mib", "of embeddings that are remembered",
                                       {.min = 0, .max = 1 << 20, .unit = "MiB"})),
      inputs(port<&In::files>("files", "WAV, MP3, FLAC, Ogg and others")),
      outputs(port<&Out::sounds>("sounds", "their embeddings, and how they stand in a text")));

  ModelAudioEncoder(const Params& params, Resources& resources);
  Out operator()(const In& in) const;

 private:
  std::shared_ptr<AudioPrefiller> prefiller_;
};

}  // namespace millrace
