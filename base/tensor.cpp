#include "base/tensor.h"

#include <bit>
#include <cstring>
#include <limits>
#include <new>

#include "base/error.h"

namespace millrace {
namespace {

constexpr size_t kAlignment = 64;

template <class T, class Convert>
void convert(const std::byte* from, int64_t count, float* to, Convert&& to_float) {
  for (int64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, from + static_cast<size_t>(i) * sizeof(T), sizeof(T));
    to[i] = to_float(value);
  }
}

}  // namespace

size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::int8:
    case DType::uint8:
    case DType::boolean:
      return 1;
    case DType::float16:
    case DType::bfloat16:
    case DType::int16:
      return 2;
    case DType::float32:
    case DType::int32:
      return 4;
    case DType::int64:
      return 8;
  }
  return 0;
}

std::string_view name_of(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return "float32";
    case DType::float16:
      return "float16";
    case DType::bfloat16:
      return "bfloat16";
    case DType::int8:
      return "int8";
    case DType::uint8:
      return "uint8";
    case DType::int16:
      return "int16";
    case DType::int32:
      return "int32";
    case DType::int64:
      return "int64";
    case DType::boolean:
      return "boolean";
  }
  return "?";
}

int64_t element_count(std::span<const int64_t> shape) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 16;
  int64_t count = 1;
  for (const int64_t dim : shape) {
    if (dim < 0) fail(ErrorKind::model, "shape {} has a negative dimension", to_string(shape));
    if (dim != 0 && count > kMost / dim) fail(ErrorKind::model, "shape {} is too large", to_string(shape));
    count *= dim;
  }
  return count;
}

std::string to_string(std::span<const int64_t> shape) {
  std::string text = "[";
  for (const int64_t dim : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
  return text + "]";
}

Tensor::Tensor(DType dtype, Shape shape)
    : dtype_(dtype), shape_(std::move(shape)), count_(element_count(shape_)), writable_(true) {
  const size_t bytes = static_cast<size_t>(count_) * size_of(dtype);
  auto* storage = static_cast<std::byte*>(::operator new(bytes + kAlignment, std::align_val_t(kAlignment)));
  std::memset(storage, 0, bytes);
  owner_ = std::shared_ptr<const void>(
      storage, [](const void* p) { ::operator delete(const_cast<void*>(p), std::align_val_t(kAlignment)); });
  data_ = storage;
}

Tensor::Tensor(DType dtype, Shape shape, std::span<const std::byte> bytes, std::shared_ptr<const void> owner)
    : dtype_(dtype),
      shape_(std::move(shape)),
      count_(element_count(shape_)),
      data_(bytes.data()),
      owner_(std::move(owner)) {
  if (bytes.size() != static_cast<size_t>(count_) * size_of(dtype))
    fail(ErrorKind::internal, "a tensor of shape {} and type {} does not take {} bytes", to_string(shape_),
         name_of(dtype), bytes.size());
}

std::byte* Tensor::mutable_bytes() {
  if (!writable_) fail(ErrorKind::internal, "a read-only tensor was written to");
  return const_cast<std::byte*>(data_);
}

Tensor Tensor::reshaped(Shape shape) const {
  if (element_count(shape) != count_)
    fail(ErrorKind::internal, "cannot reshape {} to {}", to_string(shape_), to_string(shape));
  Tensor other = *this;
  other.shape_ = std::move(shape);
  return other;
}

Tensor Tensor::to_float32() const {
  if (dtype_ == DType::float32) return *this;
  Tensor out(DType::float32, shape_);
  float* to = out.mutable_data<float>();
  const auto number = [](auto value) { return static_cast<float>(value); };
  switch (dtype_) {
    case DType::float32:
      break;
    case DType::float16:
      convert<uint16_t>(data_, count_, to, float16_to_float);
      break;
    case DType::bfloat16:
      convert<uint16_t>(data_, count_, to, bfloat16_to_float);
      break;
    case DType::int8:
      convert<int8_t>(data_, count_, to, number);
      break;
    case DType::boolean:
    case DType::uint8:
      convert<uint8_t>(data_, count_, to, number);
      break;
    case DType::int16:
      convert<int16_t>(data_, count_, to, number);
      break;
    case DType::int32:
      convert<int32_t>(data_, count_, to, number);
      break;
    case DType::int64:
      convert<int64_t>(data_, count_, to, number);
      break;
  }
  return out;
}

void Tensor::require(DType dtype) const {
  if (dtype != dtype_)
    fail(ErrorKind::internal, "a {} tensor was read as {}", name_of(dtype_), name_of(dtype));
}

void Tensor::copy_from(const void* source, size_t bytes) {
  if (bytes != this->bytes().size())
    fail(ErrorKind::internal, "a tensor of shape {} cannot be made from {} bytes", to_string(shape_), bytes);
  if (bytes != 0) std::memcpy(mutable_bytes(), source, bytes);
}

float float16_to_float(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  uint32_t exponent = bits >> 10 & 31, mantissa = bits & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000 | mantissa << 13);
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

float bfloat16_to_float(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

uint16_t float_to_bfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000) return static_cast<uint16_t>(bits >> 16 | 64);  // stays a NaN
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

}  // namespace millrace
