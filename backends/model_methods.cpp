#include "backends/model_methods.h"

#include <algorithm>

#include "backends/arguments.h"
#include "base/error.h"

namespace millrace {
namespace {

// A session whose slot i attends to row i of `states` [B, positions, width].
std::unique_ptr<DecoderSession> session_over(const TextDecoder& decoder, const Tensor& states,
                                             int64_t length) {
  auto session = decoder.begin(static_cast<int>(states.dim(0)), length);
  for (int slot = 0; slot < session->slots(); ++slot)
    session->attach(slot, session->add_memory(part(states, slot)));
  return session;
}

NamedTensors run_text_decoder(const TextDecoder& decoder, const NamedTensors& arguments) {
  const auto rows = token_rows(arguments.at("decoder_input_ids"), "decoder_input_ids");
  const auto batch = static_cast<int64_t>(rows.size()), length = static_cast<int64_t>(rows[0].size());
  if (const auto mask = arguments.find("decoder_attention_mask"); mask != arguments.end()) {
    for (const auto& row : mask_rows(mask->second, batch, length, "decoder_attention_mask"))
      if (std::ranges::count(row, 0) != 0)
        fail(ErrorKind::input, "a decoder_attention_mask that masks tokens is not supported");
  }
  const Tensor& states = arguments.at("encoder_hidden_states");
  if (states.rank() != 3 || states.dim(0) != batch)
    misshapen("encoder_hidden_states", fmt::format("float32 [{}, positions, width]", batch), states);
  auto session = session_over(decoder, states, length);
  std::vector<DecoderFeed> feeds;
  for (int slot = 0; slot < static_cast<int>(batch); ++slot)
    feeds.push_back({.slot = slot, .tokens = rows[static_cast<size_t>(slot)]});
  return {{"logits", session->step_all(feeds).reshaped({batch, length, decoder.vocabulary()})}};
}

// The rows of the argument `waveform`.
std::vector<AudioClip> clips_of(const NamedTensors& arguments, int sample_rate) {
  const Tensor& given = arguments.at("waveform");
  if (given.dtype() != DType::float32 || given.rank() < 1 || given.rank() > 2 || given.empty())
    misshapen("waveform", "float32 [samples] or [B, samples]", given);
  const Tensor waveform = given.rank() == 2 ? given : given.reshaped({1, given.dim(0)});
  std::vector<AudioClip> clips;
  for (int64_t i = 0; i < waveform.dim(0); ++i) {
    const auto samples = part(waveform, i);
    AudioClip& clip = clips.emplace_back();
    clip.samples.assign(samples.values<float>().begin(), samples.values<float>().end());
    clip.sample_rate = sample_rate;
    clip.last = true;
    clip.spans = {{}};
  }
  return clips;
}

// [n, …] of each, as [all n, …]; all are of one type and the same further sizes.
Tensor joined(const std::vector<Tensor>& parts) {
  Shape shape = parts.front().shape();
  shape.front() = 0;
  for (const auto& one : parts) shape.front() += one.dim(0);
  Tensor result(parts.front().dtype(), std::move(shape));
  std::byte* to = result.mutable_bytes();
  for (const auto& one : parts) to = std::ranges::copy(one.bytes(), to).out;
  return result;
}

NamedTensors run_log_mel(const LogMel& log_mel, const NamedTensors& arguments) {
  std::vector<Tensor> features;
  for (const auto& clip : clips_of(arguments, log_mel.options().sample_rate)) {
    const Tensor mel = log_mel(clip);
    features.push_back(mel.reshaped({1, mel.dim(0), mel.dim(1)}));
  }
  return {{"input_features", joined(features)}};
}

NamedTensors run_sound_processor(const SoundProcessor& processor, const NamedTensors& arguments) {
  std::vector<Tensor> values, masks;
  for (const auto& clip : clips_of(arguments, processor.options().mel.sample_rate)) {
    auto features = processor(clip);
    values.push_back(std::move(features.values));
    if (!features.mask.empty()) masks.push_back(std::move(features.mask));
  }
  NamedTensors results = {{"input_features", joined(values)}};
  if (!masks.empty()) results.emplace(processor.options().mask, joined(masks));
  return results;
}

Tensor greedy(const TextDecoder& decoder, const Tensor& states, TokenId start, int64_t new_tokens) {
  const int64_t batch = states.dim(0);
  if (new_tokens > decoder.max_length())
    fail(ErrorKind::input, "{} new tokens are more than the model's {} positions", new_tokens,
         decoder.max_length());
  auto session = session_over(decoder, states, new_tokens);
  Tensor sequences(DType::int64, {batch, new_tokens});
  std::vector<TokenId> last(static_cast<size_t>(batch), start);
  for (int64_t position = 0; position < new_tokens; ++position) {
    std::vector<DecoderFeed> feeds;
    for (size_t slot = 0; slot < last.size(); ++slot)
      feeds.push_back({.slot = static_cast<int>(slot), .tokens = std::span(last).subspan(slot, 1)});
    const Tensor logits = session->step(feeds);
    for (int64_t slot = 0; slot < batch; ++slot) {
      const auto row = logits.values<float>().subspan(static_cast<size_t>(slot * decoder.vocabulary()),
                                                      static_cast<size_t>(decoder.vocabulary()));
      const auto best = static_cast<TokenId>(std::ranges::max_element(row) - row.begin());
      last[static_cast<size_t>(slot)] = best;
      sequences.mutable_data<int64_t>()[slot * new_tokens + position] = best;
    }
  }
  return sequences;
}

}  // namespace

Method audio_encoder_method(std::string name, std::shared_ptr<const AudioEncoder> encoder) {
  return {.info = {std::move(name), {"input_features"}, {"last_hidden_state"}},
          .optional = {},
          .run = [encoder = std::move(encoder)](const NamedTensors& arguments) -> NamedTensors {
            return {{"last_hidden_state", encoder->encode(arguments.at("input_features"))}};
          }};
}

Method text_decoder_method(std::string name, std::shared_ptr<const TextDecoder> decoder) {
  return {.info = {std::move(name),
                   {"decoder_input_ids", "decoder_attention_mask", "encoder_hidden_states"},
                   {"logits"}},
          .optional = {"decoder_attention_mask"},
          .run = [decoder = std::move(decoder)](const NamedTensors& arguments) {
            return run_text_decoder(*decoder, arguments);
          }};
}

Method encoder_decoder_forward_method(const Method& encoder, const Method& text_decoder) {
  constexpr std::string_view kStates = "encoder_hidden_states";
  const auto encoders_own = encoder.info.arguments;
  auto arguments = encoders_own, optional = encoder.optional;
  std::ranges::copy_if(text_decoder.info.arguments, std::back_inserter(arguments),
                       [&](const auto& name) { return name != kStates; });
  std::ranges::copy(text_decoder.optional, std::back_inserter(optional));
  return {.info = {"forward", arguments, {"logits", "encoder_last_hidden_state"}},
          .optional = optional,
          .run = [=, encode = encoder.run, states = encoder.info.results.front(),
                  decode = text_decoder.run](const NamedTensors& given) {
            NamedTensors to_encode, to_decode;
            for (const auto& [name, tensor] : given)
              (std::ranges::count(encoders_own, name) ? to_encode : to_decode).emplace(name, tensor);
            const Tensor encoded = encode(to_encode).at(states);
            to_decode.emplace(kStates, encoded);
            NamedTensors results = decode(to_decode);
            results.emplace("encoder_last_hidden_state", encoded);
            return results;
          }};
}

Method log_mel_method(std::string name, const LogMelOptions& options) {
  return {.info = {std::move(name), {"waveform"}, {"input_features"}},
          .optional = {},
          .run = [log_mel = std::make_shared<const LogMel>(options)](const NamedTensors& arguments) {
            return run_log_mel(*log_mel, arguments);
          }};
}

Method sound_processor_method(std::string name, const SoundProcessorOptions& options) {
  std::vector<std::string> results = {"input_features"};
  if (!options.mask.empty()) results.push_back(options.mask);
  return {.info = {std::move(name), {"waveform"}, std::move(results)},
          .optional = {},
          .run = [processor = std::make_shared<const SoundProcessor>(options)](
                     const NamedTensors& arguments) { return run_sound_processor(*processor, arguments); }};
}

Method encoder_decoder_generate_method(const Method& encoder, std::shared_ptr<const TextDecoder> decoder,
                                       GenerationConfig generation) {
  auto arguments = encoder.info.arguments;
  arguments.emplace_back("max_new_tokens");
  return {
      .info = {"generate", arguments, {"sequences"}},
      .optional = encoder.optional,
      .run = [encode = encoder.run, result = encoder.info.results.front(), decoder = std::move(decoder),
              generation = std::move(generation)](const NamedTensors& given) -> NamedTensors {
        const auto start = generation.token("decoder_start_token_id");
        if (!start) fail_at(ErrorKind::model, generation.source(), "has no 'decoder_start_token_id'");
        auto inputs = given;
        inputs.erase("max_new_tokens");
        return {{"sequences", greedy(*decoder, encode(inputs).at(result), *start, requested_tokens(given))}};
      }};
}

}  // namespace millrace
