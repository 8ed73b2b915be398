#include "preprocess/jpeg_decoder.h"

#include <csetjmp>
#include <cstdio>  // jpeglib.h needs FILE
#include <vector>

#include <jpeglib.h>

#include "base/error.h"
#include "base/log.h"
#include "preprocess/image_orientation.h"
#include "preprocess/ink_colours.h"

namespace millrace {
namespace {

constexpr int kMostScans = 100;

// libjpeg's, with what it would print kept and a jump where it would end the program.
struct Messages : jpeg_error_mgr {
  std::jmp_buf back;
  char first[JMSG_LENGTH_MAX] = "";  // of the warnings, or the error
};

Messages& messages_of(j_common_ptr jpeg) { return *static_cast<Messages*>(jpeg->err); }

[[noreturn]] void leave(j_common_ptr jpeg) {
  jpeg->err->format_message(jpeg, messages_of(jpeg).first);
  std::longjmp(messages_of(jpeg).back, 1);
}

void keep_warning(j_common_ptr jpeg, int level) {
  if (level >= 0) return;  // a trace of what is done
  if (jpeg->err->num_warnings++ == 0) jpeg->err->format_message(jpeg, messages_of(jpeg).first);
}

void count_scans(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMostScans) return;
  std::snprintf(messages_of(jpeg).first, JMSG_LENGTH_MAX, "it has more than %d scans", kMostScans);
  std::longjmp(messages_of(jpeg).back, 1);
}

class Decoder {
 public:
  Decoder() {
    jpeg_.err = jpeg_std_error(&messages_);
    messages_.error_exit = leave;
    messages_.emit_message = keep_warning;
    messages_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = count_scans;
    open_ = guarded([&] {
      jpeg_create_decompress(&jpeg_);
      jpeg_.progress = &progress_;
      jpeg_save_markers(&jpeg_, JPEG_APP0 + 1, 0xffff);
    });
  }
  ~Decoder() {
    if (open_) jpeg_destroy_decompress(&jpeg_);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // The size and the orientation.
  bool start(std::span<const std::byte> bytes) {
    return open_ && guarded([&] {
             jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
             jpeg_read_header(&jpeg_, TRUE);
             const bool inks = jpeg_.jpeg_color_space == JCS_CMYK || jpeg_.jpeg_color_space == JCS_YCCK;
             jpeg_.out_color_space = inks ? JCS_CMYK : JCS_RGB;
             jpeg_calc_output_dimensions(&jpeg_);
             read_orientation();
           });
  }
  int64_t height() const { return jpeg_.output_height; }
  int64_t width() const { return jpeg_.output_width; }
  int channels() const { return jpeg_.out_color_space == JCS_CMYK ? 4 : 3; }

  // [height, width, channels]
  bool read(uint8_t* pixels) {
    return guarded([&] {
      jpeg_start_decompress(&jpeg_);
      const size_t line = static_cast<size_t>(width()) * static_cast<size_t>(channels());
      while (jpeg_.output_scanline < jpeg_.output_height) {
        JSAMPROW row = pixels + jpeg_.output_scanline * line;
        jpeg_read_scanlines(&jpeg_, &row, 1);
      }
      jpeg_finish_decompress(&jpeg_);
    });
  }

  int orientation() const { return orientation_; }
  // libjpeg's words for the error or the first warning; "" where there was none.
  const char* message() const { return messages_.first; }

 private:
  // False where libjpeg met an error. `step` has nothing to destroy.
  template <class Step>
  bool guarded(const Step& step) {
    if (setjmp(messages_.back) != 0) return false;
    step();
    return true;
  }

  // The markers are gone once the picture is read.
  void read_orientation() {
    for (auto* marker = jpeg_.marker_list; marker != nullptr; marker = marker->next) {
      const auto bytes = std::span(marker->data, static_cast<size_t>(marker->data_length));
      orientation_ = exif_orientation(std::as_bytes(bytes)).value_or(orientation_);
    }
  }

  jpeg_decompress_struct jpeg_{};
  Messages messages_{};
  jpeg_progress_mgr progress_{};
  bool open_ = false;
  int orientation_ = 1;
};

// Inks as Adobe's programs store them, inverted.
void to_light(std::span<const uint8_t> inks, std::span<uint8_t> light) {
  for (size_t i = 0; i * 4 < inks.size(); ++i)
    for (size_t c = 0; c < 3; ++c)
      light[i * 3 + c] = light_behind(255 - inks[i * 4 + c], 255 - inks[i * 4 + 3]);
}

}  // namespace

Image decode_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  Decoder decoder;
  const auto check = [&](bool fine) {
    if (!fine) fail_at(ErrorKind::input, name, "is a damaged JPEG file: {}", decoder.message());
  };
  check(decoder.start(bytes));
  Image image(decoder.height(), decoder.width());
  if (decoder.channels() == 3) {
    check(decoder.read(image.pixels.data()));
  } else {
    std::vector<uint8_t> inks(image.pixels.size() / 3 * 4);
    check(decoder.read(inks.data()));
    to_light(inks, image.pixels);
  }
  if (*decoder.message() != '\0') log::warning("{}: {}", name, decoder.message());
  return turned(image, decoder.orientation());
}

}  // namespace millrace
