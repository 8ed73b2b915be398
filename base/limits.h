#pragma once
#include <cstddef>
#include <cstdint>

// One table of limits for everything that comes from outside, whatever its format.
namespace millrace::limits {

constexpr size_t kConfigBytes = 16u << 20;      // config.json and its like
constexpr size_t kTokenizerBytes = 256u << 20;  // tokenizer.json, vocabularies
constexpr size_t kPipelineBytes = 1u << 20;     // a pipeline file
constexpr int kDepth = 64;                      // nesting of JSON and YAML
constexpr size_t kHeaderBytes = 100u << 20;     // a checkpoint's table of contents
constexpr size_t kTensors = 100'000;            // tensors in one checkpoint
constexpr size_t kNameBytes = 4096;             // a tensor's or key's name
constexpr size_t kFileNameBytes = 255;          // a file that another names, as file systems have it
constexpr int64_t kRank = 8;                    // dimensions of a stored tensor
constexpr size_t kMetadataKeys = 100'000;       // of a GGUF file
constexpr size_t kArrayElements = 16u << 20;    // of one metadata value
constexpr int kArrayDepth = 4;                  // arrays of arrays there
constexpr int64_t kTensorAlignment = 1 << 20;   // of a GGUF file
constexpr size_t kShards = 10'000;              // files of one checkpoint
constexpr size_t kPictureBytes = 1u << 30;      // of a picture's file
constexpr int64_t kPixels = 178'956'970;        // of a picture, as Pillow has it
constexpr int64_t kAudioChannels = 64;          // of a recording
constexpr int64_t kAudioRateLow = 1'000;        // samples per second of a recording
constexpr int64_t kAudioRateHigh = 768'000;

}  // namespace millrace::limits
