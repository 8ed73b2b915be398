#include "tokenizers/jinja/arguments.h"

#include <algorithm>

#include "tokenizers/jinja/comparison.h"

namespace millrace::jinja {

Bound::Bound(std::string_view callee, const Arguments& arguments, std::initializer_list<const char*> names,
             size_t required)
    : callee_(callee), names_(names), values_(names.size(), nullptr) {
  if (arguments.positional.size() > names_.size())
    refuse("takes at most {} argument(s), got {}", names_.size(), arguments.positional.size());
  for (size_t i = 0; i < arguments.positional.size(); ++i) values_[i] = &arguments.positional[i];
  for (const auto& [name, value] : arguments.named) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) refuse("got an unexpected keyword argument '{}'", name);
    const auto place = static_cast<size_t>(found - names_.begin());
    if (values_[place]) refuse("got multiple values for argument '{}'", name);
    values_[place] = &value;
  }
  for (size_t i = 0; i < required; ++i)
    if (!values_[i]) refuse("misses the argument '{}'", names_[i]);
}

int64_t Bound::whole(size_t i, int64_t absent) const {
  if (!has(i)) return absent;
  if ((*this)[i].is_undefined()) fail_undefined((*this)[i]);
  const auto number = (*this)[i].index();
  if (!number) refuse("wants a whole number as '{}', got {}", names_[i], type_name((*this)[i]));
  return *number;
}

const std::string& Bound::text(size_t i) const {
  if (!(*this)[i].is_text()) refuse("wants a string as '{}', got {}", names_[i], type_name((*this)[i]));
  return (*this)[i].bytes();
}

bool Bound::truth(size_t i, bool absent) const { return has(i) ? jinja::truth((*this)[i]) : absent; }

}  // namespace millrace::jinja
