#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/tensor.h"
#include "tokenizers/tokenizer.h"

// What the methods of models make of the tensors they are given. What doesn't fit is Error(input) naming the
// argument.
namespace millrace {

[[noreturn]] void misshapen(std::string_view argument, std::string_view expected, const Tensor& given);

// Row `index` of a batch [B, …], without copying.
Tensor part(const Tensor& batch, int64_t index);

// int64 [B, T].
std::vector<std::vector<TokenId>> token_rows(const Tensor& ids, std::string_view argument);

// [B, T] of zeros and ones, of any type.
std::vector<std::vector<uint8_t>> mask_rows(const Tensor& mask, int64_t batch, int64_t length,
                                            std::string_view argument);

// Those of the argument attention_mask; none where it is not given or masks nothing.
std::vector<std::vector<uint8_t>> given_masks(const NamedTensors& arguments, int64_t batch, int64_t length);

// max_new_tokens.
int64_t requested_tokens(const NamedTensors& arguments);

}  // namespace millrace
