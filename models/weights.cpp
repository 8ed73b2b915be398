#include "models/weights.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace millrace {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    const auto dot = path.find('.');
    parts.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    path.remove_prefix(dot + 1);
  }
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// The longest run of parts from `first` on that `names` knows, as the file's name; `length` is set to its
// length.
std::string longest_match(const std::map<std::string, std::string>& names,
                          const std::vector<std::string>& parts, size_t first, size_t& length) {
  for (size_t count = parts.size() - first; count > 0; --count) {
    std::string plain, pattern;
    std::vector<std::string> numbers;
    for (size_t i = first; i < first + count; ++i) {
      plain += (i > first ? "." : "") + parts[i];
      const bool number = is_number(parts[i]) && numbers.size() < 2;
      pattern += (i > first ? "." : "") + (number ? (numbers.empty() ? "{i}" : "{j}") : parts[i]);
      if (number) numbers.push_back(parts[i]);
    }
    auto found = names.find(plain);
    if (found == names.end()) found = names.find(pattern);
    if (found == names.end()) continue;
    std::string name = found->second;
    if (!numbers.empty()) replace_all(name, "{i}", numbers[0]);
    if (numbers.size() > 1) replace_all(name, "{j}", numbers[1]);
    length = count;
    return name;
  }
  length = 1;
  return parts[first];
}

}  // namespace

Weights::Weights(std::shared_ptr<const Checkpoint> checkpoint, CheckpointLayout layout,
                 const LoadOptions& options)
    : checkpoint_(std::move(checkpoint)), layout_(std::move(layout)), type_(options.weights) {}

std::string Weights::file_name(std::string_view path) const {
  const auto parts = split(path);
  std::string name;
  for (size_t i = 0, length = 0; i < parts.size(); i += length) {
    const std::string part = longest_match(layout_.names, parts, i, length);
    name += (name.empty() ? "" : layout_.separator) + part;
  }
  const auto& prefix = layout_.optional_prefix;
  if (!prefix.empty() && name.starts_with(prefix) && !checkpoint_->has(name) &&
      checkpoint_->has(name.substr(prefix.size())))
    return name.substr(prefix.size());
  return name;
}

bool Weights::has(std::string_view path) const {
  auto name = file_name(path);
  const bool there = checkpoint_->has(name);
  read_.insert(std::move(name));
  return there;
}

Tensor Weights::get(std::string_view path) const {
  auto name = file_name(path);
  Tensor tensor = checkpoint_->get(name);
  read_.insert(std::move(name));
  return tensor;
}

TensorInfo Weights::info(std::string_view path) const { return checkpoint_->info(file_name(path)); }

std::vector<std::string> Weights::unread() const {
  std::vector<std::string> result;
  for (auto& name : checkpoint_->names()) {
    const auto after = read_.upper_bound(name);
    const bool read = after != read_.begin() && name.starts_with(*std::prev(after));
    if (!read) result.push_back(std::move(name));
  }
  return result;
}

WeightScope WeightScope::at(std::string_view child) const {
  return {weights_, path_.empty() ? std::string(child) : path_ + "." + std::string(child)};
}

WeightScope WeightScope::at(std::string_view child, int64_t index) const {
  return at(std::string(child) + "." + std::to_string(index));
}

bool WeightScope::has(std::string_view name) const { return weights_->has(at(name).path_); }

bool WeightScope::same(std::string_view name, std::string_view other) const {
  const TensorInfo a = weights_->info(at(name).path_), b = weights_->info(at(other).path_);
  if (a.data == b.data) return true;
  return a.type == b.type && a.shape == b.shape && a.bytes == b.bytes &&
         std::memcmp(a.data, b.data, a.bytes) == 0;
}

std::string WeightScope::place(std::string_view name) const {
  return fmt::format("{}: tensor '{}'", weights_->checkpoint().source(), weights_->file_name(at(name).path_));
}

Tensor WeightScope::get(std::string_view name, const Shape& shape) const {
  Tensor tensor = weights_->get(at(name).path_);
  if (tensor.shape() != shape)
    fail_at(ErrorKind::model, place(name), "has shape {}, but the model's configuration needs {}",
            to_string(tensor.shape()), to_string(shape));
  check_type(name, tensor);
  return tensor;
}

Tensor WeightScope::get_float(std::string_view name, const Shape& shape) const {
  return get(name, shape).to_float32();
}

Tensor WeightScope::get_any(std::string_view name, int64_t rank) const {
  Tensor tensor = weights_->get(at(name).path_);
  if (tensor.rank() != rank)
    fail_at(ErrorKind::model, place(name), "has shape {}, but {} dimensions were expected",
            to_string(tensor.shape()), rank);
  check_type(name, tensor);
  return tensor;
}

// Integers would be taken for weights as they are: what is stored quantised has been multiplied out by now.
void WeightScope::check_type(std::string_view name, const Tensor& tensor) const {
  const DType type = tensor.dtype();
  if (type == DType::float32 || type == DType::float16 || type == DType::bfloat16) return;
  fail_at(ErrorKind::model, place(name), "has the type {}; weights are F32, F16 or BF16",
          weights_->checkpoint().info(weights_->file_name(at(name).path_)).type);
}

}  // namespace millrace
