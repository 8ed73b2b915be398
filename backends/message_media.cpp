#include "backends/message_media.h"

#include <array>
#include <string_view>

#include "base/base64.h"
#include "base/error.h"
#include "preprocess/content_kind.h"
#include "preprocess/input_file.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;
using Kind = MessageMedia::Kind;

struct Form {
  std::string_view type;
  Kind kind;
};
constexpr std::array kForms = {Form{"image_url", Kind::picture}, Form{"input_image", Kind::picture},
                               Form{"image", Kind::picture},     Form{"input_audio", Kind::sound},
                               Form{"audio_url", Kind::sound},   Form{"audio", Kind::sound}};

// What says what a file is, and how such files begin to be described (content_kind).
struct Named {
  std::string_view name, kind;
};
constexpr std::array kNamed = {Named{"image/jpeg", "a JPEG picture"}, Named{"image/jpg", "a JPEG picture"},
                               Named{"image/png", "a PNG picture"},   Named{"image/webp", "a WebP picture"},
                               Named{"image/gif", "a GIF picture"},   Named{"audio/wav", "a WAV file"},
                               Named{"audio/x-wav", "a WAV file"},    Named{"audio/wave", "a WAV file"},
                               Named{"audio/mpeg", "an MP3 file"},    Named{"audio/mp3", "an MP3 file"},
                               Named{"audio/flac", "a FLAC file"},    Named{"audio/ogg", "an Ogg file"}};

constexpr size_t kMostBytes = 100u << 20;  // of a file

std::string_view noun(Kind kind) { return kind == Kind::picture ? "picture" : "recording"; }

// That the bytes are what their sender says, where that says a kind that can be told.
void check_kind(const MessageMedia& media, std::string_view said) {
  const auto kind = content_kind(
      std::as_bytes(std::span(media.file.bytes)).first(std::min<size_t>(media.file.bytes.size(), 512)));
  for (const auto& [name, expected] : kNamed)
    if (name == said && kind.name != expected)
      fail_at(ErrorKind::input, media.file.name, "is said to be {}, but is {}", said,
              kind.name.empty() ? "something else" : kind.name);
}

void check_size(size_t bytes, const MessageMedia& media) {
  if (bytes > kMostBytes)
    fail_at(ErrorKind::input, media.file.name, "has {} bytes; a {} in a conversation has at most {}", bytes,
            noun(media.kind), kMostBytes);
}

void take_base64(std::string_view text, MessageMedia& media) {
  check_size(text.size() / 4 * 3, media);
  auto bytes = decode_base64(text);
  if (!bytes) fail_at(ErrorKind::input, media.file.name, "is not base64 (RFC 4648, with its padding)");
  if (bytes->empty()) fail_at(ErrorKind::input, media.file.name, "is an empty {}", noun(media.kind));
  media.file.bytes = *std::move(bytes);
}

// data:TYPE;PARAMETER;base64,DATA (RFC 2397)
void take_data_uri(std::string_view uri, MessageMedia& media) {
  constexpr std::string_view kBase64 = ";base64";
  const auto comma = uri.find(',');
  auto head = uri.substr(0, comma);
  if (comma == uri.npos || !head.ends_with(kBase64))
    fail_at(ErrorKind::input, media.file.name, "is a data: URI that doesn't begin as data:TYPE;base64,");
  head.remove_suffix(kBase64.size());
  const auto type = head.substr(5, head.find(';') - 5);
  const std::string_view expected = media.kind == Kind::picture ? "image/" : "audio/";
  if (!type.starts_with(expected) && type != "application/octet-stream")
    fail_at(ErrorKind::input, media.file.name, "is said to be {}, but a {} is wanted",
            type.empty() ? "text" : type, noun(media.kind));
  take_base64(uri.substr(comma + 1), media);
  check_kind(media, type);
}

void take_file(const std::string& path, MessageMedia& media) {
  media.file.name = path;
  InputFile file(path);
  if (!file.regular()) fail_at(ErrorKind::input, path, "is no file; a {} is read from one", noun(media.kind));
  const auto size = static_cast<size_t>(*file.size());
  check_size(size, media);
  media.file.bytes.resize(size);
  for (size_t got = 0, some = 1; got < size && some > 0; got += some)
    some = file.read(media.file.bytes.data() + got, size - got);
}

void take(const std::string& address, MessageMedia& media) {
  constexpr std::string_view kFile = "file://";
  if (address.starts_with("data:")) return take_data_uri(address, media);
  if (address.starts_with(kFile)) return take_file(address.substr(kFile.size()), media);
  if (address.find("://") != std::string::npos)
    fail_at(ErrorKind::input, media.file.name,
            "is at '{}', which is not fetched: download it, and give its path or a data: URI", address);
  take_file(address, media);
}

// The value of the first of `keys` that is there.
const Json* find(const Json& object, std::initializer_list<const char*> keys) {
  if (object.is_object())
    for (const char* key : keys)
      if (const auto value = object.find(key); value != object.end()) return &*value;
  return nullptr;
}

std::string text_at(const Json& object, std::initializer_list<const char*> keys, const std::string& where) {
  const Json* value = find(object, keys);
  if (value == nullptr || !value->is_string())
    fail_at(ErrorKind::input, where, "needs a text '{}'", *keys.begin());
  return value->get<std::string>();
}

}  // namespace

std::optional<MessageMedia> message_media(const Json& part, const std::string& where) {
  const std::string type = text_at(part, {"type"}, where);
  if (type == "text") return std::nullopt;
  const Form* form = nullptr;
  for (const auto& known : kForms)
    if (known.type == type) form = &known;
  if (form == nullptr)
    fail_at(ErrorKind::input, where, "is of type '{}'; there are text, image_url, input_audio and audio_url",
            type);
  MessageMedia media{.kind = form->kind, .file = {.name = where, .bytes = {}}};
  if (type == "input_audio") {
    const Json* sound = find(part, {"input_audio"});
    if (sound == nullptr)
      fail_at(ErrorKind::input, where, "needs 'input_audio': {{\"data\": …, \"format\": …}}");
    const auto format = text_at(*sound, {"format"}, where);
    take_base64(text_at(*sound, {"data"}, where), media);
    check_kind(media, "audio/" + format);
  } else if (find(part, {"base64"}) != nullptr) {
    take_base64(text_at(part, {"base64"}, where), media);
  } else {
    const bool picture = form->kind == Kind::picture;
    const Json* given = picture ? find(part, {"image_url"}) : find(part, {"audio_url"});
    if (given != nullptr && given->is_object())
      take(text_at(*given, {"url"}, where), media);
    else
      take(picture ? text_at(part, {"image_url", "url", "path", "image"}, where)
                   : text_at(part, {"audio_url", "url", "path", "audio"}, where),
           media);
  }
  return media;
}

}  // namespace millrace
