#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace millrace {

// The part of tokenizer.json that describes one component, and its place ("tokenizer.json:
// decoder.decoders[1]"). Whatever is missing or of another type is Error(model) there.
class ComponentSpec {
 public:
  ComponentSpec(const nlohmann::json& value, std::string where) : value_(&value), where_(std::move(where)) {}

  bool absent() const { return value_->is_null(); }
  const std::string& where() const { return where_; }
  const nlohmann::json& value() const { return *value_; }

  std::string type() const { return text("type"); }
  bool has(std::string_view key) const;  // and it is not null
  bool flag(std::string_view key, std::optional<bool> otherwise = {}) const;
  std::string text(std::string_view key, std::optional<std::string> otherwise = {}) const;
  int64_t number(std::string_view key, std::optional<int64_t> otherwise = {}) const;
  ComponentSpec part(std::string_view key) const;
  std::vector<ComponentSpec> list(std::string_view key) const;

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail_at(ErrorKind::model, where_, format, std::forward<Args>(args)...);
  }
  // For a `type` that is none of `known`.
  [[noreturn]] void refuse_type(std::string_view kind, const std::vector<std::string>& known) const;

 private:
  const nlohmann::json* find(std::string_view key) const;

  const nlohmann::json* value_;
  std::string where_;
};

}  // namespace millrace
