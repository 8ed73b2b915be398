#include "tokenizers/sentencepiece_file.h"

#include <cstring>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/reader.h"
#include "tokenizers/derived_merges.h"
#include "tokenizers/sentencepiece_shapes.h"
#include "tokenizers/tokenizer_file.h"
#include "tokenizers/tokenizer_json.h"

namespace millrace {
namespace {

// One field of a protocol buffer's message.
struct Field {
  uint64_t number = 0;
  uint64_t value = 0;          // of a number; a float's bits
  std::string_view text = {};  // of a string or message
};

uint64_t read_varint(Reader& reader) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = reader.read<uint8_t>("a number");
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail_at(ErrorKind::model, reader.place(), "a number of more than 64 bits");
}

template <class Use>
void each_field(std::string_view message, const std::string& name, Use&& use) {
  Reader reader(std::as_bytes(std::span(message)), name);
  while (reader.remaining() > 0) {
    const uint64_t key = read_varint(reader);
    Field field{.number = key >> 3};
    switch (key & 7) {
      case 0:
        field.value = read_varint(reader);
        break;
      case 1:
        field.value = reader.read<uint64_t>("a number");
        break;
      case 2:
        field.text = reader.take_text(read_varint(reader), "a field");
        break;
      case 5:
        field.value = reader.read<uint32_t>("a number");
        break;
      default:
        fail_at(ErrorKind::model, reader.place(), "is no SentencePiece model: a field of wire type {}",
                key & 7);
    }
    use(field);
  }
}

struct SpmPiece {
  std::string_view text;
  float score = 0;
  uint64_t type = 1;
};
constexpr uint64_t kControl = 3, kUserDefined = 4;

struct Model {
  std::vector<SpmPiece> pieces;
  SentencePieceSettings settings;
  std::string bos = "<s>", eos = "</s>";
  int32_t bos_id = 1, eos_id = 2;
};

SpmPiece read_piece(std::string_view message, const std::string& name) {
  SpmPiece piece;
  each_field(message, name, [&](const Field& field) {
    if (field.number == 1) piece.text = field.text;
    if (field.number == 2) {
      const auto bits = static_cast<uint32_t>(field.value);
      std::memcpy(&piece.score, &bits, sizeof(bits));
    }
    if (field.number == 3) piece.type = field.value;
  });
  return piece;
}

void read_trainer(std::string_view message, const std::string& name, Model& model) {
  each_field(message, name, [&](const Field& field) {
    switch (field.number) {
      case 3:
        model.settings.unigram = field.value == 1;
        break;
      case 35:
        model.settings.byte_fallback = field.value != 0;
        break;
      case 40:
        model.settings.unknown = static_cast<int32_t>(field.value);
        break;
      case 41:
        model.bos_id = static_cast<int32_t>(field.value);
        break;
      case 42:
        model.eos_id = static_cast<int32_t>(field.value);
        break;
      case 45:
        model.settings.unknown_piece = field.text;
        break;
      case 46:
        model.bos = field.text;
        break;
      case 47:
        model.eos = field.text;
        break;
      default:
        break;
    }
  });
}

Model read_model(std::string_view bytes, const std::string& name) {
  Model model;
  each_field(bytes, name, [&](const Field& field) {
    if (field.number == 1) model.pieces.push_back(read_piece(field.text, name));
    if (field.number == 2) read_trainer(field.text, name, model);
    if (field.number == 3)
      each_field(field.text, name, [&](const Field& inner) {
        if (inner.number == 2) model.settings.charsmap = encode_base64(inner.text);
      });
  });
  if (model.pieces.empty())
    fail_at(ErrorKind::model, name, "is neither a SentencePiece model nor a tiktoken file");
  return model;
}

}  // namespace

std::shared_ptr<const Tokenizer> tokenizer_from_sentencepiece(std::string_view bytes, const std::string& name,
                                                              TokenizerConfig config) {
  const Model model = read_model(bytes, name);
  if (model.bos_id < 0) config.special_tokens.try_emplace("bos_token", "");  // there is none
  if (model.eos_id < 0) config.special_tokens.try_emplace("eos_token", "");
  SentencePieceShape shape = sentencepiece_shape(config.tokenizer_class, model.settings, config);
  TokenizerFile file;
  file.has_vocabulary = true;
  file.scored = shape.unigram;
  file.document = std::move(shape.document);
  const auto add = [&](std::string_view text, double score) {
    file.vocabulary.add(text, static_cast<int64_t>(file.scores.size()));
    file.scores.push_back(score);
  };
  for (const SpmPiece& piece : model.pieces) {
    add(piece.text, piece.score);
    if (piece.type == kControl || piece.type == kUserDefined)
      config.named.push_back(
          {.content = std::string(piece.text), .normalized = false, .special = piece.type == kControl});
  }
  for (const std::string& token : shape.more_tokens) add(token, 0);
  if (!shape.unigram) add_derived_merges(file, {});
  std::erase_if(config.special_tokens, [](const auto& named) { return named.second.empty(); });
  if (config.add_bos && config.special_tokens.contains("bos_token"))
    file.before.push_back(config.special_tokens["bos_token"]);
  if (config.add_eos && config.special_tokens.contains("eos_token"))
    file.after.push_back(config.special_tokens["eos_token"]);
  return compose_tokenizer(std::move(file), name, config);
}

}  // namespace millrace
