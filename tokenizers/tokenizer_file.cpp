#include "tokenizers/tokenizer_file.h"

#include <limits>
#include <optional>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"

namespace millrace {
namespace {

using json = nlohmann::json;

class Handler final : public nlohmann::json_sax<json> {
 public:
  Handler(std::string_view text, const std::string& name, TokenizerFile& file)
      : text_(text), name_(name), file_(file) {}

  bool null() override { return value(nullptr); }
  bool boolean(bool b) override { return value(b); }
  bool number_integer(number_integer_t n) override { return number(n, static_cast<double>(n)); }
  bool number_unsigned(number_unsigned_t n) override {
    const bool fits = n <= static_cast<number_unsigned_t>(std::numeric_limits<int64_t>::max());
    return fits ? number(static_cast<int64_t>(n), static_cast<double>(n)) : score(static_cast<double>(n), n);
  }
  bool number_float(number_float_t n, const string_t&) override { return score(n, n); }
  bool binary(binary_t&) override { refuse("holds binary data"); }

  bool string(string_t& text) override {
    switch (table_) {
      case Table::none:
        return value(text);
      case Table::vocabulary:
        refuse("'model.vocab' has a token whose id is no number");
      case Table::scored:
        if (!inside_ || !words_.empty()) refuse_scored();
        words_.push_back(text);
        return true;
      case Table::merges:
        if (inside_) {
          words_.push_back(text);
        } else {
          file_.add_merge_line(text);
        }
        return true;
    }
    return false;
  }

  bool start_object(size_t) override {
    if (table_ == Table::none && at_model_key("vocab")) {
      claim(Table::vocabulary, file_.has_vocabulary);
      return true;
    }
    refuse_in_table();
    return enter(json::object());
  }
  bool key(string_t& key) override {
    key_ = key;
    if (table_ == Table::none && (open_.back()->contains(key_) || seen_table_key()))
      refuse("has the key '{}' twice in one object", key_);
    return true;
  }
  bool end_object() override {
    if (table_ == Table::vocabulary) {
      table_ = Table::none;
    } else {
      open_.pop_back();
    }
    return true;
  }

  bool start_array(size_t) override {
    if (table_ == Table::none && at_model_key("vocab")) {
      claim(Table::scored, file_.has_vocabulary);
      file_.scored = true;
      return true;
    }
    if (table_ == Table::none && at_model_key("merges")) {
      claim(Table::merges, file_.has_merges);
      return true;
    }
    if ((table_ == Table::scored || table_ == Table::merges) && !inside_) {
      inside_ = true;
      words_.clear();
      score_.reset();
      return true;
    }
    refuse_in_table();
    return enter(json::array());
  }
  bool end_array() override {
    if (table_ == Table::none) {
      open_.pop_back();
      return true;
    }
    if (!inside_) {
      table_ = Table::none;
      return true;
    }
    inside_ = false;
    if (table_ == Table::merges) {
      if (words_.size() != 2) refuse("'model.merges' has an entry of {} tokens, not 2", words_.size());
      file_.add_merge(words_[0], words_[1]);
    } else {
      if (words_.size() != 1 || !score_) refuse_scored();
      file_.vocabulary.add(words_[0], static_cast<int64_t>(file_.scores.size()));
      file_.scores.push_back(*score_);
    }
    return true;
  }

  bool parse_error(size_t byte, const std::string&, const nlohmann::detail::exception& error) override {
    const std::string_view what = error.what();  // "[json.exception.parse_error.101] parse error at …: what"
    const size_t colon = what.find(": ");
    fail_at(ErrorKind::model, place_in_text(text_, byte == 0 ? 0 : byte - 1, name_), "is not valid JSON: {}",
            colon == std::string_view::npos ? what : what.substr(colon + 2));
  }

 private:
  enum class Table : uint8_t { none, vocabulary, scored, merges };

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail_at(ErrorKind::model, name_, format, std::forward<Args>(args)...);
  }
  [[noreturn]] void refuse_scored() const { refuse("'model.vocab' has an entry that is not [token, score]"); }
  void refuse_in_table() const {
    if (table_ != Table::none) refuse("the tables of 'model' hold more than tokens and numbers");
  }

  bool at_model_key(std::string_view key) const {
    return open_.size() == 2 && open_.back() == model_ && key_ == key;
  }
  bool seen_table_key() const {
    return (at_model_key("vocab") && file_.has_vocabulary) || (at_model_key("merges") && file_.has_merges);
  }
  void claim(Table table, bool& present) {
    table_ = table;
    present = true;
  }

  bool number(int64_t n, double as_score) {
    if (table_ == Table::vocabulary) {
      file_.vocabulary.add(key_, n);
      return true;
    }
    return score(as_score, n);
  }
  bool score(double n, const json& as_value) {
    if (table_ == Table::none) return value(as_value);
    if (table_ != Table::scored || !inside_ || score_) refuse_in_table();
    score_ = n;
    return true;
  }

  bool value(json value) {
    refuse_in_table();
    put(std::move(value));
    return true;
  }
  json* put(json value) {
    if (open_.empty()) return &(file_.document = std::move(value));
    json& parent = *open_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }
  bool enter(json empty) {
    if (open_.size() >= static_cast<size_t>(limits::kDepth))
      refuse("is nested more than {} deep", limits::kDepth);
    const bool model = open_.size() == 1 && open_.back()->is_object() && key_ == "model";
    open_.push_back(put(std::move(empty)));
    if (model) model_ = open_.back();
    return true;
  }

  std::string_view text_;
  const std::string& name_;
  TokenizerFile& file_;
  std::vector<json*> open_;  // from the root inwards; only the innermost grows, so the pointers stay good
  const json* model_ = nullptr;
  std::string key_;
  Table table_ = Table::none;
  bool inside_ = false;  // of one entry of a table
  std::vector<std::string> words_;
  std::optional<double> score_;
};

}  // namespace

void TokenizerFile::add_merge(std::string_view left, std::string_view right) {
  constexpr size_t kMost = std::numeric_limits<uint32_t>::max();
  if (left.size() > kMost || right.size() > kMost) fail(ErrorKind::model, "a merge is too long");
  halves_.push_back(
      {merge_text_.size(), static_cast<uint32_t>(left.size()), static_cast<uint32_t>(right.size())});
  merge_text_.append(left).append(right);
}

void TokenizerFile::add_merge_line(std::string_view line) {
  if (line.starts_with("#version")) return;
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos)
    fail(ErrorKind::model, "merge {} is '{}', which is not two tokens and a space", halves_.size(), line);
  add_merge(line.substr(0, space), line.substr(space + 1));
}

Bpe::Merges TokenizerFile::merges() const {
  Bpe::Merges merges;
  merges.reserve(halves_.size());
  const std::string_view text = merge_text_;
  for (const auto& [begin, left, right] : halves_)
    merges.emplace_back(text.substr(begin, left), text.substr(begin + left, right));
  return merges;
}

TokenizerFile parse_tokenizer_file(std::string_view text, const std::string& name) {
  TokenizerFile file;
  file.vocabulary.reserve(text.size() / 64, text.size() / 8);
  Handler handler(text, name, file);
  try {
    json::sax_parse(text.begin(), text.end(), &handler);
  } catch (const json::exception& error) {
    fail_at(ErrorKind::model, name, "is not valid JSON: {}", error.what());
  } catch (const Error& error) {
    throw error.where().empty() ? error.at(name) : error;
  }
  return file;
}

}  // namespace millrace
