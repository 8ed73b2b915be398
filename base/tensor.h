#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

enum class DType : uint8_t { float32, float16, bfloat16, int8, uint8, int16, int32, int64, boolean };

size_t size_of(DType dtype);            // bytes of one element
std::string_view name_of(DType dtype);  // "float32", …

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::float32;
}
template <>
constexpr DType dtype_of<int8_t>() {
  return DType::int8;
}
template <>
constexpr DType dtype_of<uint8_t>() {
  return DType::uint8;
}
template <>
constexpr DType dtype_of<int32_t>() {
  return DType::int32;
}
template <>
constexpr DType dtype_of<int64_t>() {
  return DType::int64;
}

using Shape = std::vector<int64_t>;

// The number of elements. Throws Error(model) when a dimension is negative or the product (in bytes of the
// widest type) does not fit.
int64_t element_count(std::span<const int64_t> shape);
std::string to_string(std::span<const int64_t> shape);  // "[2, 80, 3000]"

// A dense row-major array. Copies share the storage; a view of a mapped file keeps the mapping alive.
class Tensor {
 public:
  Tensor() = default;
  // Zero-initialised, 64-byte aligned, owned.
  Tensor(DType dtype, Shape shape);
  // A read-only view of `bytes`, which `owner` keeps alive; bytes.size() must be what shape and dtype need.
  Tensor(DType dtype, Shape shape, std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

  template <class T>
  static Tensor from(Shape shape, std::span<const T> values) {
    Tensor tensor(dtype_of<T>(), std::move(shape));
    tensor.copy_from(values.data(), values.size_bytes());
    return tensor;
  }

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t dim(size_t i) const { return shape_.at(i); }
  int64_t rank() const { return static_cast<int64_t>(shape_.size()); }
  int64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  std::span<const std::byte> bytes() const { return {data_, static_cast<size_t>(count_) * size_of(dtype_)}; }

  // Throws Error(internal) when T is not the element type; mutable_data also when the storage is a view.
  template <class T>
  const T* data() const {
    require(dtype_of<T>());
    return reinterpret_cast<const T*>(data_);
  }
  template <class T>
  T* mutable_data() {
    require(dtype_of<T>());
    return reinterpret_cast<T*>(mutable_bytes());
  }
  template <class T>
  std::span<const T> values() const {
    return {data<T>(), static_cast<size_t>(count_)};
  }
  std::byte* mutable_bytes();

  // The same elements in another shape of as many elements.
  Tensor reshaped(Shape shape) const;
  // The same values as float32, from any float or integer type; itself where it is float32 already.
  Tensor to_float32() const;

 private:
  void require(DType dtype) const;
  void copy_from(const void* source, size_t bytes);

  DType dtype_ = DType::float32;
  Shape shape_;
  int64_t count_ = 0;
  const std::byte* data_ = nullptr;
  bool writable_ = false;
  std::shared_ptr<const void> owner_;
};

using NamedTensors = std::map<std::string, Tensor, std::less<>>;

float float16_to_float(uint16_t bits);
float bfloat16_to_float(uint16_t bits);
uint16_t float_to_bfloat16(float value);  // to nearest, ties to even

}  // namespace millrace
