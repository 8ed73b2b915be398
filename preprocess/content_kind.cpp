#include "preprocess/content_kind.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace millrace {
namespace {

constexpr ContentKind kMp3{"an MP3 file", true, true};

struct Signature {
  size_t offset;
  std::string_view bytes;
  ContentKind kind;
};

using namespace std::string_view_literals;

constexpr std::array kSignatures = {
    Signature{8, "WAVE"sv, {"a WAV file", true}},
    Signature{8, "AVI "sv, {"an AVI film", true, true, true}},
    Signature{8, "WEBP"sv, {"a WebP picture"}},
    Signature{0, "RIFF"sv, {"a RIFF file", true}},
    Signature{0, "RF64"sv, {"an RF64 (long WAV) file", true}},
    Signature{0, "BW64"sv, {"a BW64 (long WAV) file", true}},
    Signature{0, "riff"sv, {"a Wave64 file", true}},
    Signature{0, "fLaC"sv, {"a FLAC file", true}},
    Signature{0, "OggS"sv, {"an Ogg file", true, true, true}},
    Signature{0, "ID3"sv, kMp3},
    Signature{0, "FORM"sv, {"an AIFF file", true}},
    Signature{0, ".snd"sv, {"an AU file", true}},
    Signature{0, "caff"sv, {"a CAF file", true}},
    Signature{0, "#!AMR"sv, {"an AMR file", true, true}},
    Signature{4, "ftypavif"sv, {"an AVIF picture"}},
    Signature{4, "ftypheic"sv, {"a HEIC picture"}},
    Signature{4, "ftypmif1"sv, {"a HEIC picture"}},
    Signature{4, "ftyp"sv, {"an MP4 file", true, true, true}},
    Signature{4, "moov"sv, {"a QuickTime film", true, true, true}},
    Signature{4, "mdat"sv, {"a QuickTime film", true, true, true}},
    Signature{4, "wide"sv, {"a QuickTime film", true, true, true}},
    Signature{0, "\x1a\x45\xdf\xa3"sv, {"a Matroska or WebM file", true, true, true}},
    Signature{0, "\x30\x26\xb2\x75"sv, {"a Windows Media file", true, true, true}},
    Signature{0, "FLV\x01"sv, {"a Flash film", true, true, true}},
    Signature{0, "\0\0\x01\xba"sv, {"an MPEG film", true, true, true}},
    Signature{0, "\x89PNG"sv, {"a PNG picture"}},
    Signature{0, "\xff\xd8\xff"sv, {"a JPEG picture"}},
    Signature{0, "GIF8"sv, {"a GIF picture"}},
    Signature{0, "%PDF"sv, {"a PDF document"}},
    Signature{0, "PK\x03\x04"sv, {"a ZIP archive or an office document"}},
    Signature{0, "\x1f\x8b"sv, {"a gzip archive"}},
    Signature{0, "7z\xbc\xaf"sv, {"a 7z archive"}},
    Signature{0, "\xfd\x37zXZ"sv, {"an xz archive"}},
    Signature{0, "BZh"sv, {"a bzip2 archive"}},
    Signature{0, "\x28\xb5\x2f\xfd"sv, {"a zstd archive"}},
    Signature{0, "\x7f\x45LF"sv, {"a program"}},
    Signature{0, "SQLite format 3"sv, {"a database"}},
    Signature{0, "GGUF"sv, {"a GGUF model"}},
    Signature{0, "version https://git-lfs"sv, {"a Git LFS pointer, not the file itself"}},
};

// UTF-8 without control characters. The last character may be cut off.
bool is_text(std::string_view head) {
  for (size_t i = 0; i < head.size(); ++i) {
    const auto c = static_cast<unsigned char>(head[i]);
    if (c < 0x80) {
      if (c < 0x20 && c != '\n' && c != '\r' && c != '\t') return false;
      continue;
    }
    const int following = c >= 0xc2 && c < 0xe0   ? 1
                          : c >= 0xe0 && c < 0xf0 ? 2
                          : c >= 0xf0 && c < 0xf5 ? 3
                                                  : 0;
    if (following == 0) return false;
    for (int k = 0; k < following && i + 1 < head.size(); ++k)
      if ((static_cast<unsigned char>(head[++i]) & 0xc0) != 0x80) return false;
  }
  return !head.empty();
}

// An MPEG audio frame's header: sync word, no reserved version, layer, bit rate or sample rate.
bool is_mpeg_audio(std::string_view head) {
  if (head.size() < 4) return false;
  const auto byte = [&](size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(head[i])); };
  return byte(0) == 0xff && (byte(1) & 0xe0) == 0xe0 && (byte(1) & 0x18) != 0x08 && (byte(1) & 0x06) != 0 &&
         (byte(2) & 0xf0) != 0xf0 && (byte(2) & 0x0c) != 0x0c;
}

// Packets of 188 bytes.
bool is_transport_stream(std::string_view head) {
  constexpr size_t kPacket = 188;
  return head.size() > 2 * kPacket && head[0] == 'G' && head[kPacket] == 'G' && head[2 * kPacket] == 'G';
}

bool begins_with(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::ranges::equal(text.substr(0, lower.size()), lower,
                            [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

}  // namespace

ContentKind content_kind(std::span<const std::byte> bytes) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                              std::min<size_t>(bytes.size(), 512));
  for (const Signature& signature : kSignatures)
    if (head.size() >= signature.offset && head.substr(signature.offset).starts_with(signature.bytes))
      return signature.kind;
  if (is_mpeg_audio(head)) return kMp3;
  if (is_transport_stream(head)) return {"an MPEG transport stream", true, true, true};
  if (!is_text(head)) return {};
  const std::string_view text = head.substr(std::min(head.find_first_not_of(" \r\n\t"), head.size()));
  if (begins_with(text, "<!doctype html") || begins_with(text, "<html")) return {"an HTML page"};
  if (begins_with(text, "<?xml") || begins_with(text, "<")) return {"an XML or HTML document"};
  if (begins_with(text, "{") || begins_with(text, "[")) return {"a JSON document"};
  return {"a text file"};
}

}  // namespace millrace
