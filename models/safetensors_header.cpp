#include "models/safetensors_header.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/counting_iterator.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/reader.h"

namespace millrace {
namespace {

struct TypeRow {
  std::string_view name;
  uint64_t bits;
  std::optional<DType> dtype;
};

constexpr std::array<TypeRow, 21> kTypes = {{
    {"F32", 32, DType::float32},
    {"F16", 16, DType::float16},
    {"BF16", 16, DType::bfloat16},
    {"I8", 8, DType::int8},
    {"U8", 8, DType::uint8},
    {"I16", 16, DType::int16},
    {"I32", 32, DType::int32},
    {"I64", 64, DType::int64},
    {"BOOL", 8, DType::boolean},
    {"U16", 16, {}},
    {"U32", 32, {}},
    {"U64", 64, {}},
    {"F64", 64, {}},
    {"F8_E4M3", 8, {}},
    {"F8_E5M2", 8, {}},
    {"F8_E8M0", 8, {}},
    {"F4", 4, {}},
    {"F6_E2M3", 6, {}},
    {"F6_E3M2", 6, {}},
    {"C64", 64, {}},
    {"F8_E4M3FNUZ", 8, {}},
}};

const TypeRow* row_of(std::string_view type) {
  const auto found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& row) { return row.name == type; });
  return found == kTypes.end() ? nullptr : &*found;
}

// Takes the header's JSON apart as it is read, so that what is kept in memory is bounded by the tensors there
// are:
// {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …, "__metadata__": {"key": "text",
// …}}.
class HeaderHandler : public nlohmann::json_sax<nlohmann::json> {
 public:
  HeaderHandler(SafetensorsHeader& header, const std::string& name, const size_t& taken)
      : header_(header), name_(name), taken_(taken) {}

  bool start_object(size_t) override {
    if (depth_ >= 2) unexpected("an object");
    ++depth_;
    seen_.clear();
    return true;
  }
  bool key(std::string& text) override {
    if (text.size() > limits::kNameBytes)
      damaged("a name of {} bytes; at most {} are read", text.size(), limits::kNameBytes);
    if (depth_ == 1) {
      tensor_ = text;
      in_metadata_ = text == "__metadata__";
      const bool fresh =
          in_metadata_ ? !std::exchange(has_metadata_, true) : header_.entries.try_emplace(text).second;
      if (!fresh) damaged("the name '{}' twice", text);
      if (header_.entries.size() > limits::kTensors) damaged("more than {} tensors", limits::kTensors);
      return true;
    }
    if (in_metadata_) {
      if (header_.metadata.contains(text)) damaged("the metadata '{}' twice", text);
    } else if (text != "dtype" && text != "shape" && text != "data_offsets") {
      damaged("the unknown key '{}' for tensor '{}'", text, tensor_);
    } else if (!seen_.insert(text).second) {
      damaged("the key '{}' twice for tensor '{}'", text, tensor_);
    }
    field_ = text;
    return true;
  }
  bool string(std::string& text) override {
    if (depth_ == 2 && in_metadata_) {
      header_.metadata[field_] = text;
    } else if (depth_ == 2 && !in_array_ && field_ == "dtype") {
      entry().type = text;
    } else {
      unexpected("a string");
    }
    return true;
  }
  bool start_array(size_t) override {
    if (depth_ != 2 || in_metadata_ || in_array_ || field_ == "dtype") unexpected("a list");
    in_array_ = true;
    numbers_.clear();
    return true;
  }
  bool number_unsigned(uint64_t value) override {
    if (!in_array_) unexpected("a number");
    if (value > INT64_MAX) damaged("the number {}, which is too large", value);
    if (numbers_.size() == static_cast<size_t>(limits::kRank))
      damaged("more than {} numbers in '{}' of tensor '{}'", limits::kRank, field_, tensor_);
    numbers_.push_back(static_cast<int64_t>(value));
    return true;
  }
  bool end_array() override {
    in_array_ = false;
    if (field_ == "shape") {
      entry().shape = numbers_;
      return true;
    }
    if (numbers_.size() != 2)
      damaged("{} numbers instead of two in 'data_offsets' of tensor '{}'", numbers_.size(), tensor_);
    entry().begin = static_cast<uint64_t>(numbers_[0]);
    entry().end = static_cast<uint64_t>(numbers_[1]);
    return true;
  }
  bool end_object() override {
    if (depth_ == 2 && !in_metadata_ && seen_.size() != 3)
      damaged("no '{}' for tensor '{}'",
              !seen_.contains("dtype")   ? "dtype"
              : !seen_.contains("shape") ? "shape"
                                         : "data_offsets",
              tensor_);
    --depth_;
    return true;
  }
  bool null() override { unexpected("null"); }
  bool boolean(bool) override { unexpected("a truth value"); }
  bool number_integer(int64_t) override { unexpected("a negative number"); }
  bool number_float(double, const std::string&) override { unexpected("a fraction"); }
  bool binary(binary_t&) override { unexpected("binary data"); }
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception&) override {
    damaged("no valid JSON here");
  }

 private:
  template <class... Args>
  [[noreturn]] void damaged(fmt::format_string<Args...> format, Args&&... args) const {
    fail_at(ErrorKind::model, fmt::format("{} @ byte {}", name_, 8 + taken_), "the safetensors header has {}",
            fmt::format(format, std::forward<Args>(args)...));
  }
  [[noreturn]] void unexpected(std::string_view what) const {
    damaged("{} where none may stand{}", what,
            tensor_.empty() ? "" : fmt::format(" (at tensor '{}')", tensor_));
  }
  SafetensorsEntry& entry() { return header_.entries.find(tensor_)->second; }

  SafetensorsHeader& header_;
  const std::string& name_;
  const size_t& taken_;
  int depth_ = 0;
  bool in_metadata_ = false, has_metadata_ = false, in_array_ = false;
  std::string tensor_, field_;
  std::set<std::string> seen_;
  Shape numbers_;
};

// Every tensor begins where the one before it ended, takes what its type and shape need, and the last ends
// the file.
void check_layout(const SafetensorsHeader& header, uint64_t file_bytes, const std::string& name) {
  const auto place = [&](uint64_t offset) {
    return fmt::format("{} @ byte {}", name, header.data_start + offset);
  };
  using Item = std::pair<const std::string*, const SafetensorsEntry*>;
  std::vector<Item> order;
  order.reserve(header.entries.size());
  for (const auto& [tensor, entry] : header.entries) order.emplace_back(&tensor, &entry);
  std::sort(order.begin(), order.end(), [](const Item& a, const Item& b) {
    return std::pair(a.second->begin, a.second->end) < std::pair(b.second->begin, b.second->end);
  });
  uint64_t position = 0;
  const uint64_t data_bytes = file_bytes - header.data_start;
  for (const auto& [tensor, entry] : order) {
    if (entry->end < entry->begin)
      fail_at(ErrorKind::model, place(entry->begin), "tensor '{}' ends at {} before it begins", *tensor,
              entry->end);
    if (entry->end > data_bytes)
      fail_at(ErrorKind::model, place(entry->begin),
              "tensor '{}' needs bytes up to {}, but the file has {}; it is cut short or damaged", *tensor,
              header.data_start + entry->end, file_bytes);
    if (entry->begin != position)
      fail_at(ErrorKind::model, place(position),
              "tensor '{}' begins at offset {} and not where the one before it ends, at {}", *tensor,
              entry->begin, position);
    position = entry->end;
    const TypeRow* row = row_of(entry->type);
    if (row == nullptr) continue;
    uint64_t bits = 0;
    try {
      bits = static_cast<uint64_t>(element_count(entry->shape));
    } catch (const Error& error) {
      throw Error(ErrorKind::model, fmt::format("tensor '{}': {}", *tensor, error.message()),
                  place(entry->begin));
    }
    if (bits > UINT64_MAX / 64 || bits * row->bits != (entry->end - entry->begin) * 8)
      fail_at(
          ErrorKind::model, place(entry->begin),
          "tensor '{}' has {} bytes, but its type {} and shape {} need {}", *tensor,
          entry->end - entry->begin, entry->type, to_string(entry->shape),
          bits > UINT64_MAX / 64 ? "more than any file has" : fmt::format("{}", (bits * row->bits + 7) / 8));
  }
  if (position != data_bytes)
    fail_at(ErrorKind::model, place(position), "{} bytes follow the last tensor", data_bytes - position);
}

}  // namespace

SafetensorsHeader read_safetensors_header(std::span<const std::byte> file, const std::string& name) {
  Reader reader(file, name);
  const auto length = reader.read<uint64_t>("the length of the safetensors header");
  if (length > limits::kHeaderBytes)
    fail_at(
        ErrorKind::model, name + " @ byte 0",
        "the safetensors header would be {} bytes long; at most {} are read; this may be no safetensors file",
        length, limits::kHeaderBytes);
  const std::string_view text = reader.take_text(length, "the safetensors header");
  if (text.empty() || text.front() != '{')
    fail_at(ErrorKind::model, name + " @ byte 8", "the safetensors header does not begin with '{{'");
  SafetensorsHeader header;
  header.data_start = reader.position();
  size_t taken = 0;
  HeaderHandler handler(header, name, taken);
  nlohmann::json::sax_parse(CountingIterator(text.data(), &taken),
                            CountingIterator(text.data() + text.size(), &taken), &handler);
  check_layout(header, file.size(), name);
  return header;
}

std::optional<DType> safetensors_dtype(std::string_view type) {
  const TypeRow* row = row_of(type);
  return row == nullptr ? std::nullopt : row->dtype;
}

std::string_view safetensors_name(DType dtype) {
  for (const TypeRow& row : kTypes)
    if (row.dtype == dtype) return row.name;
  return "?";
}

}  // namespace millrace
