#include <algorithm>

#include "tokenizers/jinja/arguments.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/methods.h"
#include "tokenizers/jinja/object_types.h"

namespace millrace::jinja {
namespace {

DictPtr dict_of(const Value& self) { return std::get<DictPtr>(self.data()); }

template <DictView::Kind kind>
Value view(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("view", arguments, {});
  return Value(std::make_shared<DictView>(dict_of(self), kind));
}

Value get(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("get", arguments, {"key", "default"}, 1);
  if (!arguments.named.empty()) bound.refuse("takes no keyword arguments");
  const Value* found = self.dict().find(bound[0]);
  return found ? *found : bound.value(1);
}

Value copy(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("copy", arguments, {});
  return self;
}

Value count(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("count", arguments, {"value"}, 1);
  return static_cast<int64_t>(std::count_if(self.items().begin(), self.items().end(),
                                            [&](const Value& item) { return equal(item, bound[0]); }));
}

Value index(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("index", arguments, {"value", "start", "stop"}, 1);
  const auto size = static_cast<int64_t>(self.items().size());
  const auto place = [&](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + size : i, 0, size); };
  for (int64_t i = place(bound.whole(1, 0)); i < place(bound.whole(2, size)); ++i)
    if (equal(self.items()[static_cast<size_t>(i)], bound[0])) return i;
  fail(ErrorKind::input, "the value is not in the {}", type_name(self));
}

Value fromkeys(Evaluation&, const Value&, const Arguments& arguments) {
  const Bound bound("fromkeys", arguments, {"keys", "value"}, 1);
  std::vector<Dict::Entry> entries;
  for (const Value& key : to_items(bound[0])) entries.emplace_back(key, bound.value(1));
  return make_dict(std::move(entries));
}

struct Named {
  std::string_view name;
  Method method;
};

constexpr Named kOfDicts[] = {{"get", get},
                              {"items", view<DictView::Kind::items>},
                              {"keys", view<DictView::Kind::keys>},
                              {"values", view<DictView::Kind::values>},
                              {"copy", copy},
                              {"fromkeys", fromkeys}};
constexpr Named kOfRows[] = {{"count", count}, {"index", index}};

}  // namespace

Method find_container_method(const Value& self, std::string_view name) {
  if (self.is_dict()) {
    for (const auto& [known, method] : kOfDicts)
      if (known == name) return method;
    return nullptr;
  }
  for (const auto& [known, method] : kOfRows)
    if (known == name) return method;
  return self.is_list() && name == "copy" ? copy : nullptr;
}

}  // namespace millrace::jinja
