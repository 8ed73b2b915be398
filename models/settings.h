#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// A setting's value, and where a person would look for it: "config.json: 'd_model'".
struct Setting {
  nlohmann::json value;
  std::string where;
};

// What a block of the engine is told about its size and variant, by name ("layers", "norm_epsilon");
// at("encoder") is the part whose names begin with "encoder.". A missing or mistyped value is Error(model)
// that says where. Copies share a note of what has been asked for.
class Settings {
 public:
  explicit Settings(std::map<std::string, Setting> values);

  Settings at(std::string_view part) const;
  bool has(std::string_view name) const;

  // A size or number of something: at least 1.
  int64_t size(std::string_view name) const;
  int64_t size(std::string_view name, int64_t otherwise) const;
  int64_t count(std::string_view name) const;  // at least 0
  int64_t count(std::string_view name, int64_t otherwise) const;
  double real(std::string_view name) const;
  double real(std::string_view name, double otherwise) const;
  std::vector<double> reals(std::string_view name) const;
  bool is_text(std::string_view name) const;
  bool is_list(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::string text(std::string_view name, std::string_view otherwise) const;
  bool flag(std::string_view name, bool otherwise) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::vector<int64_t> sizes(std::string_view name) const;   // each at least 1
  std::vector<int64_t> counts(std::string_view name) const;  // each at least 0
  // Where the setting's value comes from.
  std::string where(std::string_view name) const;

  // Nothing of this part need be asked for: the checkpoint has no weights of what it describes.
  void skip() const;

  // Error(model) for a setting that no block has asked for: a misspelt name in an architecture file.
  void check_all_used() const;

 private:
  struct State {
    std::map<std::string, Setting> values;
    std::set<std::string> asked;
  };
  Settings(std::shared_ptr<State> state, std::string prefix)
      : state_(std::move(state)), prefix_(std::move(prefix)) {}
  const Setting* find(std::string_view name) const;
  std::vector<int64_t> whole_numbers(std::string_view name, int64_t least) const;
  const Setting& need(std::string_view name) const;

  std::shared_ptr<State> state_;
  std::string prefix_;
};

}  // namespace millrace
