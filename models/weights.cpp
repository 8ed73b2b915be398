#include "models/weights.h"

#include <algorithm>
#include <charconv>
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

// The parts [first, first + count) with the numbers that `placeholders` (a bit for each number) picks out
// replaced by {i} and {j}; `numbers` are those. None where more than two are picked.
std::optional<std::string> pattern_of(const std::vector<std::string>& parts, size_t first, size_t count,
                                      unsigned placeholders, std::vector<std::string>& numbers) {
  std::string pattern;
  unsigned number = 0;
  for (size_t i = first; i < first + count; ++i) {
    if (i > first) pattern += '.';
    const bool picked = is_number(parts[i]) && number < 32 && (placeholders >> number++ & 1) != 0;
    if (picked && numbers.size() == 2) return std::nullopt;
    pattern += !picked ? parts[i] : numbers.empty() ? "{i}" : "{j}";
    if (picked) numbers.push_back(parts[i]);
  }
  return pattern;
}

// The longest run of parts from `first` on that `names` knows, as the file's names; `length` is set to its
// length. Numbers that are told in the names come before those that stand for any.
std::vector<std::string> longest_match(const std::map<std::string, std::vector<std::string>>& names,
                                       const std::vector<std::string>& parts, size_t first, size_t& length) {
  constexpr unsigned kNumbers = 4;  // that may have placeholders
  for (size_t count = parts.size() - first; count > 0; --count) {
    const auto run = parts.begin() + static_cast<std::ptrdiff_t>(first);
    const auto all = std::min<unsigned>(
        kNumbers,
        static_cast<unsigned>(std::count_if(run, run + static_cast<std::ptrdiff_t>(count), is_number)));
    for (unsigned placeholders = 0; placeholders < 1u << all; ++placeholders) {
      std::vector<std::string> numbers;
      const auto pattern = pattern_of(parts, first, count, placeholders, numbers);
      if (!pattern) continue;
      const auto found = names.find(*pattern);
      if (found == names.end()) continue;
      std::vector<std::string> result = found->second;
      for (auto& name : result) {
        if (!numbers.empty()) replace_all(name, "{i}", numbers[0]);
        if (numbers.size() > 1) replace_all(name, "{j}", numbers[1]);
      }
      length = count;
      return result;
    }
  }
  length = 1;
  return {parts[first]};
}

// Of the family that the path is of, which may be inside another's.
const CheckpointLayout& layout_of(const CheckpointLayout& outer, std::string_view path) {
  for (const auto& [part, nested] : outer.nested)
    if (path.starts_with(part) && path.substr(part.size()).starts_with('.')) return nested->layout;
  return outer;
}

// Those of a family's own names, without its optional prefix too, behind what stands before them.
std::vector<std::string> nested_candidates(const NestedLayout& nested, const std::vector<std::string>& own,
                                           const std::string& separator) {
  const auto& prefix = nested.layout.optional_prefix;
  std::vector<std::string> result;
  for (const auto& before : nested.weights)
    for (const auto& name : own) {
      const std::string begin = before.empty() ? "" : before + separator;
      result.push_back(begin + name);
      if (!prefix.empty() && name.starts_with(prefix)) result.push_back(begin + name.substr(prefix.size()));
    }
  return result;
}

// The rows of a row-major array as transformers has them: llama.cpp's converter has moved row s · D / 2 + i
// of a head of D rows to 2 i + s.
std::shared_ptr<std::vector<std::byte>> in_halves(std::span<const std::byte> rows, int64_t count,
                                                  int64_t heads) {
  auto result = std::make_shared<std::vector<std::byte>>(rows.size());
  const auto row_bytes = rows.size() / static_cast<size_t>(count);
  const auto head_rows = static_cast<size_t>(count / heads);
  for (size_t row = 0; row < static_cast<size_t>(count); ++row) {
    const size_t head = row / head_rows, s = row % head_rows / (head_rows / 2), i = row % (head_rows / 2);
    std::memcpy(result->data() + row * row_bytes, rows.data() + (head * head_rows + 2 * i + s) * row_bytes,
                row_bytes);
  }
  return result;
}

Tensor transpose(const Tensor& matrix) {
  const Tensor from = matrix.to_float32();
  const int64_t rows = from.dim(0), columns = from.dim(1);
  Tensor result(DType::float32, {columns, rows});
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      result.mutable_data<float>()[j * rows + i] = from.data<float>()[i * columns + j];
  return result;
}

// One of the tensors that are stacked along the first axis.
Tensor part_of(const Tensor& stack, int64_t index) {
  const Shape shape(stack.shape().begin() + 1, stack.shape().end());
  const size_t bytes = stack.bytes().size() / static_cast<size_t>(stack.dim(0));
  const auto whole = std::make_shared<Tensor>(stack);
  return {stack.dtype(), shape, whole->bytes().subspan(static_cast<size_t>(index) * bytes, bytes), whole};
}

}  // namespace

Weights::Weights(std::shared_ptr<const Checkpoint> checkpoint, CheckpointLayout layout,
                 const LoadOptions& options)
    : checkpoint_(std::move(checkpoint)), layout_(std::move(layout)), type_(options.weights) {}

std::vector<std::string> Weights::candidates(const CheckpointLayout& layout, std::string_view path) const {
  for (const auto& [part, nested] : layout.nested)
    if (path.starts_with(part) && path.substr(part.size()).starts_with('.'))
      return nested_candidates(
          *nested, candidates(nested->layout, nested->method + std::string(path.substr(part.size()))),
          layout.separator);
  const auto parts = split(path);
  std::vector<std::string> candidates = {""};
  for (size_t i = 0, length = 0; i < parts.size(); i += length) {
    std::vector<std::string> longer;
    for (const auto& begin : candidates)
      for (const auto& part : longest_match(layout.names, parts, i, length))
        longer.push_back(begin + (begin.empty() ? "" : layout.separator) + part);
    candidates = std::move(longer);
  }
  return candidates;
}

std::string Weights::file_name(std::string_view path) const {
  const auto names = candidates(layout_, path);
  const auto& prefix = layout_.optional_prefix;
  for (const auto& name : names) {
    if (checkpoint_->has(name)) return name;
    if (!prefix.empty() && name.starts_with(prefix) && checkpoint_->has(name.substr(prefix.size())))
      return name.substr(prefix.size());
  }
  return names.front();
}

bool Weights::has(std::string_view path) const {
  auto name = file_name(path);
  const bool there = checkpoint_->has(name);
  read_.insert(std::move(name));
  return there;
}

// A tensor is packed before the next but one is read: of the file it need not stay in memory.
void Weights::note_read(std::string name) const {
  if (!latest_.empty()) checkpoint_->release(latest_);
  read_.insert(name);
  latest_ = std::move(name);
}

Tensor Weights::get(std::string_view path) const {
  auto name = file_name(path);
  Tensor tensor = checkpoint_->get(name);
  note_read(std::move(name));
  if (const int64_t heads = permuted_heads(path)) {
    const auto rows = in_halves(tensor.bytes(), tensor.dim(0), heads);
    return Tensor(tensor.dtype(), tensor.shape(), *rows, rows);
  }
  return tensor.rank() == 2 && is_transposed(path) ? transpose(tensor) : tensor;
}

// Whether the path is of a weight, "….attention.query.weight", of a part such as "query" or
// "attention.query".
bool Weights::is_transposed(std::string_view path) const {
  constexpr std::string_view kWeight = ".weight";
  if (!path.ends_with(kWeight)) return false;
  const auto& transposed = layout_of(layout_, path).transposed;
  path.remove_suffix(kWeight.size());
  return std::ranges::any_of(transposed, [&](const std::string& part) {
    return path.ends_with(part) && (path.size() == part.size() || path[path.size() - part.size() - 1] == '.');
  });
}

std::optional<QuantisedTensor> Weights::quantised(std::string_view path) const {
  if (type_ || is_transposed(path)) return std::nullopt;
  auto name = file_name(path);
  auto tensor = checkpoint_->quantised(name);
  if (!tensor) return std::nullopt;
  note_read(std::move(name));
  if (const int64_t heads = permuted_heads(path)) {
    const auto rows = in_halves(tensor->blocks, tensor->shape[0], heads);
    tensor->blocks = *rows;
    tensor->owner = rows;
  }
  return tensor;
}

int64_t Weights::permuted_heads(std::string_view path) const {
  if (!layout_.permuted) return 0;
  const auto parts = split(path);
  if (parts.size() < 2) return 0;
  const auto layer = layout_.permuted->find(parts[parts.size() - 2]);
  if (layer == layout_.permuted->end()) return 0;
  for (const auto& key : layer->second) {
    const std::string* text = find_metadata(*checkpoint_, key);
    if (text == nullptr) continue;
    int64_t heads = 0;
    std::from_chars(text->data(), text->data() + text->size(), heads);
    const Shape shape = checkpoint_->info(file_name(path)).shape;
    if (heads < 1 || shape.empty() || shape[0] == 0 || shape[0] % heads != 0 || shape[0] / heads % 2 != 0)
      fail_at(ErrorKind::model, checkpoint_->source(), "'{}' is {}, which does not fit '{}' of shape {}", key,
              *text, file_name(path), to_string(shape));
    return heads;
  }
  fail_at(ErrorKind::model, checkpoint_->source(), "its metadata has no '{}'", layer->second.front());
}

TensorInfo Weights::info(std::string_view path) const { return checkpoint_->info(file_name(path)); }

std::vector<std::string> Weights::unread() const {
  std::vector<std::string> result;
  for (auto& name : checkpoint_->names()) {
    const auto after = read_.upper_bound(name);
    const bool read = after != read_.begin() && name.starts_with(*std::prev(after));
    const bool tells = std::ranges::any_of(layout_.settings, [&](const auto& setting) {
      const SettingRule& rule = setting.second;
      return name == rule.list || name == rule.value || name == rule.size || name == rule.count;
    });
    if (!read && !tells) result.push_back(std::move(name));
  }
  return result;
}

WeightScope WeightScope::at(std::string_view child) const {
  WeightScope result(weights_, path_.empty() ? std::string(child) : path_ + "." + std::string(child));
  result.stacked_ = stacked_;
  return result;
}

WeightScope WeightScope::stacked(int64_t index) const {
  WeightScope result = *this;
  result.stacked_ = index;
  return result;
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
  if (stacked_ >= 0 && tensor.rank() == static_cast<int64_t>(shape.size()) + 1 && stacked_ < tensor.dim(0))
    tensor = part_of(tensor, stacked_);
  // Stacks of some families come with their matrices the other way round.
  if (stacked_ >= 0 && shape.size() == 2 && shape[0] != shape[1] &&
      tensor.shape() == Shape{shape[1], shape[0]})
    tensor = transpose(tensor);
  if (tensor.shape() != shape)
    fail_at(ErrorKind::model, place(name), "has shape {}, but the model's configuration needs {}",
            to_string(tensor.shape()), to_string(shape));
  check_type(name, tensor);
  return tensor;
}

std::optional<QuantisedTensor> WeightScope::quantised(std::string_view name, const Shape& shape) const {
  auto tensor = weights_->quantised(at(name).path_);
  if (tensor && stacked_ >= 0 && tensor->shape.size() == shape.size() + 1 && stacked_ < tensor->shape[0]) {
    const size_t bytes = tensor->blocks.size() / static_cast<size_t>(tensor->shape[0]);
    tensor->blocks = tensor->blocks.subspan(static_cast<size_t>(stacked_) * bytes, bytes);
    tensor->shape.erase(tensor->shape.begin());
  }
  if (tensor && tensor->shape != shape)
    fail_at(ErrorKind::model, place(name), "has shape {}, but the model's configuration needs {}",
            to_string(tensor->shape), to_string(shape));
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
