#include "models/settings.h"

#include "base/error.h"
#include "base/suggest.h"

namespace millrace {
namespace {

constexpr int64_t kLargestSize = int64_t{1} << 31;  // products of two fit

[[noreturn]] void refuse(const Setting& setting, std::string_view expected) {
  fail_at(ErrorKind::model, setting.where, "{} was expected, not {}", expected,
          setting.value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 60));
}

int64_t as_size(const nlohmann::json& value, const Setting& setting, int64_t least = 1) {
  if (!value.is_number_integer()) refuse(setting, "a whole number");
  const auto size = value.get<int64_t>();
  if (size < least || size > kLargestSize)
    refuse(setting, fmt::format("a whole number from {} to 2^31", least));
  return size;
}

}  // namespace

Settings::Settings(std::map<std::string, Setting> values) : state_(std::make_shared<State>()) {
  state_->values = std::move(values);
}

Settings Settings::at(std::string_view part) const { return {state_, prefix_ + std::string(part) + "."}; }

const Setting* Settings::find(std::string_view name) const {
  const std::string full = prefix_ + std::string(name);
  state_->asked.insert(full);
  const auto found = state_->values.find(full);
  return found == state_->values.end() ? nullptr : &found->second;
}

const Setting& Settings::need(std::string_view name) const {
  if (const auto* setting = find(name)) return *setting;
  fail(ErrorKind::model, "the architecture file does not set '{}{}'", prefix_, name);
}

bool Settings::has(std::string_view name) const { return find(name) != nullptr; }

int64_t Settings::size(std::string_view name) const {
  const auto& setting = need(name);
  return as_size(setting.value, setting);
}

int64_t Settings::size(std::string_view name, int64_t otherwise) const {
  return has(name) ? size(name) : otherwise;
}

int64_t Settings::count(std::string_view name) const {
  const auto& setting = need(name);
  return as_size(setting.value, setting, 0);
}

int64_t Settings::count(std::string_view name, int64_t otherwise) const {
  return has(name) ? count(name) : otherwise;
}

double Settings::real(std::string_view name) const {
  const auto& setting = need(name);
  if (!setting.value.is_number()) refuse(setting, "a number");
  return setting.value.get<double>();
}

double Settings::real(std::string_view name, double otherwise) const {
  return has(name) ? real(name) : otherwise;
}

std::vector<double> Settings::reals(std::string_view name) const {
  const auto& setting = need(name);
  if (!setting.value.is_array()) refuse(setting, "a list of numbers");
  std::vector<double> result;
  for (const auto& value : setting.value) {
    if (!value.is_number()) refuse(setting, "a list of numbers");
    result.push_back(value.get<double>());
  }
  return result;
}

bool Settings::is_list(std::string_view name) const { return need(name).value.is_array(); }

bool Settings::is_text(std::string_view name) const { return need(name).value.is_string(); }

std::string Settings::text(std::string_view name) const {
  const auto& setting = need(name);
  if (!setting.value.is_string()) refuse(setting, "a text");
  return setting.value.get<std::string>();
}

std::string Settings::text(std::string_view name, std::string_view otherwise) const {
  return has(name) ? text(name) : std::string(otherwise);
}

bool Settings::flag(std::string_view name, bool otherwise) const {
  const auto* setting = find(name);
  if (!setting) return otherwise;
  if (!setting->value.is_boolean()) refuse(*setting, "true or false");
  return setting->value.get<bool>();
}

std::vector<std::string> Settings::texts(std::string_view name) const {
  const auto& setting = need(name);
  if (!setting.value.is_array()) refuse(setting, "a list of texts");
  std::vector<std::string> result;
  for (const auto& value : setting.value) {
    if (!value.is_string()) refuse(setting, "a list of texts");
    result.push_back(value.get<std::string>());
  }
  return result;
}

std::vector<int64_t> Settings::whole_numbers(std::string_view name, int64_t least) const {
  const auto& setting = need(name);
  if (!setting.value.is_array()) refuse(setting, "a list of whole numbers");
  std::vector<int64_t> result;
  for (const auto& value : setting.value) result.push_back(as_size(value, setting, least));
  return result;
}

std::vector<int64_t> Settings::sizes(std::string_view name) const { return whole_numbers(name, 1); }
std::vector<int64_t> Settings::counts(std::string_view name) const { return whole_numbers(name, 0); }

std::string Settings::where(std::string_view name) const { return need(name).where; }

void Settings::skip() const {
  for (const auto& [name, setting] : state_->values)
    if (name.starts_with(prefix_)) state_->asked.insert(name);
}

void Settings::check_all_used() const {
  std::vector<std::string> known(state_->asked.begin(), state_->asked.end());
  for (const auto& [name, setting] : state_->values)
    if (!state_->asked.contains(name))
      fail_at(ErrorKind::model, setting.where, "the setting '{}' is not known{}", name,
              did_you_mean(name, known));
}

}  // namespace millrace
