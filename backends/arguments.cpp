#include "backends/arguments.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace millrace {

[[noreturn]] void misshapen(std::string_view argument, std::string_view expected, const Tensor& given) {
  fail(ErrorKind::input, "'{}' should be {}, but is {} {}", argument, expected, name_of(given.dtype()),
       to_string(given.shape()));
}

Tensor part(const Tensor& batch, int64_t index) {
  Shape shape(batch.shape().begin() + 1, batch.shape().end());
  const size_t bytes = batch.bytes().size() / static_cast<size_t>(batch.dim(0));
  return Tensor(batch.dtype(), shape, batch.bytes().subspan(static_cast<size_t>(index) * bytes, bytes), {});
}

std::vector<std::vector<TokenId>> token_rows(const Tensor& ids, std::string_view argument) {
  if (ids.dtype() != DType::int64 || ids.rank() != 2 || ids.empty()) misshapen(argument, "int64 [B, T]", ids);
  std::vector<std::vector<TokenId>> rows;
  const int64_t* id = ids.data<int64_t>();
  for (int64_t i = 0; i < ids.dim(0); ++i) {
    auto& row = rows.emplace_back();
    for (int64_t j = 0; j < ids.dim(1); ++j, ++id) {
      if (*id < 0 || *id > std::numeric_limits<TokenId>::max())
        fail(ErrorKind::input, "'{}' holds {}, which is no token", argument, *id);
      row.push_back(static_cast<TokenId>(*id));
    }
  }
  return rows;
}

std::vector<std::vector<uint8_t>> mask_rows(const Tensor& mask, int64_t batch, int64_t length,
                                            std::string_view argument) {
  if (mask.shape() != Shape{batch, length}) misshapen(argument, fmt::format("[{}, {}]", batch, length), mask);
  const Tensor values = mask.to_float32();
  std::vector<std::vector<uint8_t>> rows(static_cast<size_t>(batch));
  for (int64_t i = 0; i < values.count(); ++i) {
    const float value = values.data<float>()[i];
    if (value != 0 && value != 1) fail(ErrorKind::input, "'{}' holds {}, not 0 or 1", argument, value);
    rows[static_cast<size_t>(i / length)].push_back(value != 0);
  }
  return rows;
}

std::vector<std::vector<uint8_t>> given_masks(const NamedTensors& arguments, int64_t batch, int64_t length) {
  const auto mask = arguments.find("attention_mask");
  if (mask == arguments.end()) return {};
  auto rows = mask_rows(mask->second, batch, length, "attention_mask");
  const bool masks =
      std::ranges::any_of(rows, [](const auto& row) { return std::ranges::count(row, 0) > 0; });
  if (!masks) rows.clear();
  return rows;
}

int64_t requested_tokens(const NamedTensors& arguments) {
  const Tensor& count = arguments.at("max_new_tokens");
  if (count.dtype() != DType::int64 || count.count() != 1 || count.data<int64_t>()[0] < 1)
    misshapen("max_new_tokens", "one int64, at least 1", count);
  return count.data<int64_t>()[0];
}

}  // namespace millrace
