#include "base/json_file.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "base/counting_iterator.h"
#include "base/limits.h"
#include "base/mapped_file.h"

namespace millrace {
namespace {

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …": only the last part is
// news.
std::string plain(std::string_view message) {
  const size_t colon = message.find(": ");
  return std::string(colon == std::string_view::npos ? message : message.substr(colon + 2));
}

// Builds the document while it is read, which is when positions, depth and duplicate keys can still be told.
template <class Document>
class DocumentBuilder : public nlohmann::json_sax<Document> {
 public:
  using json = Document;
  using typename nlohmann::json_sax<Document>::binary_t;
  using Refuse = std::function<void(std::string_view message, size_t position)>;              // throws
  using SeeKey = std::function<void(const std::vector<std::string>& path, size_t position)>;  // may be empty

  DocumentBuilder(Refuse refuse, SeeKey see_key, const size_t& taken)
      : refuse_(std::move(refuse)), see_key_(std::move(see_key)), taken_(taken) {}
  json document() && { return std::move(root_); }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(int64_t value) override { return put(value); }
  bool number_unsigned(uint64_t value) override { return put(value); }
  bool number_float(double value, const std::string& digits) override {
    // What has neither point nor exponent is a whole number that no type holds.
    if (std::is_same_v<Document, nlohmann::ordered_json> && digits.find_first_of(".eE") == std::string::npos)
      refuse_(fmt::format("has the whole number {}, which is beyond 64 bits", digits), taken_);
    return put(value);
  }
  bool string(std::string& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // JSON has none
  bool start_object(size_t) override { return open(json::object()); }
  bool start_array(size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& text) override {
    if (see_key_) {
      path_.back() = text;
      see_key_(path_, taken_);
    }
    const auto [place, fresh] =
        add_key(open_.back()->template get_ref<typename json::object_t&>(), std::move(text));
    if (!fresh) refuse_(fmt::format("has the key '{}' twice in one object", place->first), taken_);
    value_ = &place->second;
    return true;
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception& error) override {
    refuse_(fmt::format("is not valid JSON: {}", plain(error.what())), position);
    return false;
  }

 private:
  static auto add_key(typename json::object_t& object, std::string text) {
    return object.emplace(std::move(text), nullptr);
  }

  bool put(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      value_ = &root_;
    } else if (open_.back()->is_array()) {
      value_ = &open_.back()->template get_ref<typename json::array_t&>().emplace_back(std::move(value));
    } else {
      *value_ = std::move(value);
    }
    return true;
  }
  bool open(json empty) {
    if (open_.size() == static_cast<size_t>(limits::kDepth))
      refuse_(fmt::format("is nested more than {} deep", limits::kDepth), taken_);
    put(std::move(empty));
    open_.push_back(value_);
    if (see_key_) path_.emplace_back();
    return true;
  }
  bool close() {
    open_.pop_back();
    if (see_key_) path_.pop_back();
    return true;
  }

  Refuse refuse_;
  SeeKey see_key_;
  const size_t& taken_;
  json root_;
  // Each is the last value of the one before it, so that none moves while it is open.
  std::vector<json*> open_;
  std::vector<std::string> path_;  // of each that is open, the key it is at; empty in arrays
  json* value_ = nullptr;          // what was put in last; below an object's key, its place
};

}  // namespace

std::string place_in_text(std::string_view text, size_t byte, const std::string& name) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("{}:{}:{}", name, line, before.size() - start + 1);
}

namespace {

template <class Document>
Document parse_document(std::string_view text, const std::string& name, ErrorKind kind, KeyPlaces* places) {
  size_t taken = 0;
  const auto note_place = [&](const std::vector<std::string>& path, size_t position) {
    if (std::ranges::count(path, "") > 0) return;
    const size_t quoted = path.back().size() + 2;
    places->try_emplace(fmt::format("{}", fmt::join(path, ".")),
                        place_in_text(text, position - std::min(position, quoted), name));
  };
  DocumentBuilder<Document> builder(
      [&](std::string_view message, size_t position) {
        fail_at(kind, place_in_text(text, position == 0 ? 0 : position - 1, name), "{}", message);
      },
      places ? typename DocumentBuilder<Document>::SeeKey(note_place) : nullptr, taken);
  Document::sax_parse(CountingIterator(text.data(), &taken),
                      CountingIterator(text.data() + text.size(), &taken), &builder);
  return std::move(builder).document();
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& name, ErrorKind kind, KeyPlaces* places) {
  return parse_document<nlohmann::json>(text, name, kind, places);
}

nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& name, ErrorKind kind) {
  return parse_document<nlohmann::ordered_json>(text, name, kind, nullptr);
}

std::string read_text(const std::filesystem::path& path, ErrorKind kind, size_t most_bytes) {
  const auto file = MappedFile::open(path);
  const auto bytes = file->bytes();
  if (bytes.size() > most_bytes)
    fail_at(kind, path.string(), "is {} bytes long; at most {} are read", bytes.size(), most_bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

nlohmann::json read_json(const std::filesystem::path& path, ErrorKind kind, size_t most_bytes,
                         KeyPlaces* places) {
  return parse_json(read_text(path, kind, most_bytes), path.string(), kind, places);
}

}  // namespace millrace
