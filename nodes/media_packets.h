#pragma once
#include <memory>
#include <vector>

#include "backends/encoded_media.h"
#include "backends/media_file.h"
#include "graph/packet.h"

// What travels along the edges of pipelines that converse about pictures and recordings: those of a
// conversation, in its order.
namespace millrace {

struct PictureFiles {
  std::vector<MediaFile> files;
};
struct SoundFiles {
  std::vector<MediaFile> files;
};

// The same, ready to stand in the prompt.
struct EncodedPictures {
  std::vector<std::shared_ptr<const EncodedMedium>> media;
};
struct EncodedSounds {
  std::vector<std::shared_ptr<const EncodedMedium>> media;
};

// What is wired of them.
inline EncodedMedia media_of(const Ref<EncodedPictures>& pictures, const Ref<EncodedSounds>& sounds) {
  EncodedMedia media;
  if (pictures) media.pictures = pictures->media;
  if (sounds) media.sounds = sounds->media;
  return media;
}

}  // namespace millrace
