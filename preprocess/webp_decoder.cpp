#include "preprocess/webp_decoder.h"

#include <webp/demux.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "preprocess/image_orientation.h"

namespace millrace {
namespace {

struct Closed {
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

int orientation_of(const WebPAnimDecoder* decoder) {
  WebPChunkIterator chunk{};
  if (WebPDemuxGetChunk(WebPAnimDecoderGetDemuxer(decoder), "EXIF", 1, &chunk) == 0) return 1;
  const int orientation =
      exif_orientation(std::as_bytes(std::span(chunk.chunk.bytes, chunk.chunk.size))).value_or(1);
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

}  // namespace

Image decode_webp(std::span<const std::byte> bytes, const std::string& name) {
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  const WebPData data{reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  const std::unique_ptr<WebPAnimDecoder, Closed> decoder(WebPAnimDecoderNew(&data, &options));
  WebPAnimInfo info{};
  uint8_t* pixels = nullptr;
  int milliseconds = 0;
  if (!decoder || WebPAnimDecoderGetInfo(decoder.get(), &info) == 0 ||
      WebPAnimDecoderGetNext(decoder.get(), &pixels, &milliseconds) == 0)
    fail_at(ErrorKind::input, name, "is a damaged WebP file, or cut short");
  Image image(info.canvas_height, info.canvas_width);
  uint8_t* to = image.pixels.data();
  for (int64_t i = 0; i < image.height * image.width; ++i)
    to = std::copy_n(pixels + 4 * i, Image::kChannels, to);
  return turned(image, orientation_of(decoder.get()));
}

}  // namespace millrace
