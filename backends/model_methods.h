#pragma once
#include <memory>
#include <string>

#include "backends/method_table.h"
#include "decoders/generation/generation_config.h"
#include "decoders/text_decoder.h"
#include "encoders/audio_encoder.h"
#include "preprocess/log_mel.h"
#include "preprocess/sound_processor.h"

namespace millrace {

// The methods of models, with transformers' names for arguments and results.

// input_features [B, bands, frames] float32 -> last_hidden_state [B, positions, width].
Method audio_encoder_method(std::string name, std::shared_ptr<const AudioEncoder> encoder);

// decoder_input_ids [B, T] int64, encoder_hidden_states [B, positions, width] float32 -> logits [B, T,
// vocabulary]. A decoder_attention_mask may be given where it masks nothing.
Method text_decoder_method(std::string name, std::shared_ptr<const TextDecoder> decoder);

// An encoder's and a decoder's in one: the encoder's arguments and decoder_input_ids -> logits and
// encoder_last_hidden_state.
Method encoder_decoder_forward_method(const Method& encoder, const Method& text_decoder);

// waveform [samples] or [B, samples] float32 at 16 kHz -> input_features [B, bands, frames].
Method log_mel_method(std::string name, const LogMelOptions& options);

// waveform likewise, at the model's rate -> input_features and the mask, as SoundProcessor gives them, of all
// rows.
Method sound_processor_method(std::string name, const SoundProcessorOptions& options);

// The encoder's arguments and max_new_tokens -> sequences [B, max_new_tokens] int64: the most likely token at
// each step after decoder_start_token_id, with no end and nothing suppressed.
Method encoder_decoder_generate_method(const Method& encoder, std::shared_ptr<const TextDecoder> decoder,
                                       GenerationConfig generation);

}  // namespace millrace
