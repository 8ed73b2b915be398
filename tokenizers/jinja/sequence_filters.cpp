#include <algorithm>

#include "tokenizers/jinja/arguments.h"
#include "tokenizers/jinja/attribute_path.h"
#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/filters.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/object_types.h"
#include "tokenizers/jinja/operators.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

Value length(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("length", arguments, {});
  const auto size = length_of(input);
  if (!size) fail(ErrorKind::input, "object of type '{}' has no len()", type_name(input));
  return *size;
}

Value first(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("first", arguments, {});
  Value item;
  return iterate(input)(item) ? item : Value::undefined("No first item, sequence was empty.");
}

Value last(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("last", arguments, {});
  if (input.is_list() || input.is_tuple())
    return input.items().empty() ? Value::undefined("No last item, sequence was empty.")
                                 : input.items().back();
  if (input.is_undefined()) return Value::undefined("No last item, sequence was empty.");
  const auto next = iterate_backwards(input);
  if (!next) fail(ErrorKind::input, "'{}' object is not reversible", type_name(input));
  Value item;
  return (*next)(item) ? item : Value::undefined("No last item, sequence was empty.");
}

// A template that is to give the same text each time has no use for chance: it takes the first.
Value random(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  return first(evaluation, input, arguments);
}

Value list(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("list", arguments, {});
  return Value::list(to_items(input));
}

Value reverse(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("reverse", arguments, {});
  if (input.is_text()) return slice_of(input, Value(), Value(), -1);
  if (input.is_undefined()) return Value::list({});
  if (auto next = iterate_backwards(input)) {
    const std::string type = input.is_list() ? "list_reverseiterator" : "reversed";
    return Value(std::make_shared<Generator>(*std::move(next), input, type));
  }
  if (!is_iterable(input)) fail(ErrorKind::input, "argument must be iterable");
  std::vector<Value> items = to_items(input);
  std::reverse(items.begin(), items.end());
  return Value::list(std::move(items));
}

Value items(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("items", arguments, {});
  if (input.is_undefined()) return make_generator([](Value&) { return false; }, input);
  if (!input.is_dict())
    return make_generator(
        [](Value&) -> bool { fail(ErrorKind::input, "Can only get item pairs from a mapping."); }, input);
  return make_generator(*DictView(std::get<DictPtr>(input.data()), DictView::Kind::items).iterate(), input);
}

Value fallback(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("default", arguments, {"default_value", "boolean"});
  const bool replaced = input.is_undefined() || (bound.truth(1) && !truth(input));
  return replaced ? bound.value(0, Value("")) : input;
}

struct Keyed {
  std::vector<Value> keys;
  Value item;
};

// A stable sort whose order may turn out to be none: then it fails. Rows of several keys, as Python compares
// lists, are equal where their keys are, ordered or not.
void sort_keyed(std::vector<Keyed>& rows, bool reverse, bool several, Evaluation& evaluation) {
  const auto before = [&](const Keyed& a, const Keyed& b) {
    evaluation.budget().spend(1);
    if (!several) return less(a.keys[0], b.keys[0]);
    for (size_t i = 0; i < a.keys.size(); ++i)
      if (!equal(a.keys[i], b.keys[i])) return less(a.keys[i], b.keys[i]);
    return false;
  };
  if (reverse) std::reverse(rows.begin(), rows.end());
  std::stable_sort(rows.begin(), rows.end(), before);
  if (reverse) std::reverse(rows.begin(), rows.end());
}

std::vector<Value> items_of(std::vector<Keyed> rows) {
  std::vector<Value> result;
  for (Keyed& row : rows) result.push_back(std::move(row.item));
  return result;
}

Value sort(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const Bound bound("sort", arguments, {"reverse", "case_sensitive", "attribute"});
  std::vector<AttributePath> paths;
  if (bound.given(2) && bound[2].is_text()) {
    std::string_view names = bound.text(2);
    for (size_t comma = 0; comma != std::string_view::npos;
         names.remove_prefix(std::min(names.size(), comma + 1))) {
      comma = names.find(',');
      paths.emplace_back(Value(names.substr(0, comma)));
      if (comma == std::string_view::npos) break;
    }
  } else {
    paths.emplace_back(bound.value(2));
  }
  std::vector<Keyed> rows;
  for (Value& item : to_items(input)) {
    Keyed row;
    for (const AttributePath& path : paths) {
      const Value key = path.of(evaluation, item);
      row.keys.push_back(bound.truth(1) ? key : without_case(key));
    }
    row.item = std::move(item);
    rows.push_back(std::move(row));
  }
  sort_keyed(rows, bound.truth(0), true, evaluation);
  return Value::list(items_of(std::move(rows)));
}

Value dictsort(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const Bound bound("dictsort", arguments, {"case_sensitive", "by", "reverse"});
  const std::string by = bound.has(1) ? bound.text(1) : "key";
  if (by != "key" && by != "value")
    fail(ErrorKind::input, "You can only sort by either \"key\" or \"value\"");
  if (input.is_undefined()) fail_undefined(input);
  if (!input.is_dict()) bound.refuse("wants a mapping, got {}", type_name(input));
  std::vector<Keyed> rows;
  for (const auto& [key, value] : input.dict().entries) {
    const Value& sorted = by == "key" ? key : value;
    rows.push_back({{bound.truth(0) ? sorted : without_case(sorted)}, Value::tuple({key, value})});
  }
  sort_keyed(rows, bound.truth(2), false, evaluation);
  return Value::list(items_of(std::move(rows)));
}

Value unique(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const Bound bound("unique", arguments, {"case_sensitive", "attribute"});
  const AttributePath path(bound.value(1));
  const bool with_case = bound.truth(0);
  Iterator all = iterate(input);
  return make_generator(
      [&evaluation, path, with_case, all,
       seen = std::vector<std::pair<size_t, Value>>()](Value& next) mutable {
        while (all(next)) {
          const Value found = path.of(evaluation, next);
          const Value key = with_case ? found : without_case(found);
          const size_t hash = hash_of(key);
          evaluation.budget().spend(1 + static_cast<int64_t>(seen.size() / 64));
          const bool known = std::any_of(seen.begin(), seen.end(), [&](const auto& old) {
            return old.first == hash && equal(old.second, key);
          });
          if (known) continue;
          seen.emplace_back(hash, key);
          return true;
        }
        return false;
      },
      input);
}

template <bool largest>
Value extreme(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const Bound bound(largest ? "max" : "min", arguments, {"case_sensitive", "attribute"});
  const AttributePath path(bound.value(1));
  const Iterator next = iterate(input);
  Value best, best_key;
  bool any = false;
  for (Value item; next(item);) {
    const Value found = path.of(evaluation, item);
    const Value key = bound.truth(0) ? found : without_case(found);
    if (!any || (largest ? less(best_key, key, ">") : less(key, best_key))) best = item, best_key = key;
    any = true;
  }
  return any ? best : Value::undefined("No aggregated item, sequence was empty.");
}

Value sum(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const Bound bound("sum", arguments, {"attribute", "start"});
  const AttributePath path(bound.value(0));
  Value total = bound.value(1, 0);
  if (total.is_text()) fail(ErrorKind::input, "sum() can't sum strings [use ''.join(seq) instead]");
  const Iterator next = iterate(input);
  for (Value item; next(item);) total = evaluation.made(add(total, path.of(evaluation, item)));
  return total;
}

Value groupby(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const Bound bound("groupby", arguments, {"attribute", "default", "case_sensitive"}, 1);
  const AttributePath path(bound[0]);
  std::vector<Keyed> rows;
  const auto key_of = [&](const Value& item) { return path.of(evaluation, item, bound.value(1)); };
  for (const Value& item : to_items(input)) {
    const Value key = key_of(item);
    rows.push_back({{bound.truth(2) ? key : without_case(key)}, item});
  }
  sort_keyed(rows, false, false, evaluation);
  std::vector<Value> groups;
  for (size_t begin = 0; begin < rows.size();) {
    size_t end = begin;
    std::vector<Value> members;
    while (end < rows.size() && equal(rows[end].keys[0], rows[begin].keys[0]))
      members.push_back(rows[end++].item);
    const auto group = std::make_shared<Tuple>(
        std::vector<Value>{key_of(rows[begin].item), Value::list(std::move(members))});
    group->grouped = true;
    groups.emplace_back(TuplePtr(group));
    begin = end;
  }
  return Value::list(std::move(groups));
}

Value batch(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("batch", arguments, {"linecount", "fill_with"}, 1);
  const int64_t size = bound.whole(0);
  const Value fill = bound.value(1);
  // A list of no length is never full, so that it takes everything; the first item stands before the test.
  return make_generator(
      [all = iterate(input), size, fill, waiting = std::optional<Value>(),
       begun = false](Value& next) mutable {
        std::vector<Value> row;
        if (waiting) row.push_back(*std::exchange(waiting, std::nullopt));
        bool more = true;
        if (!begun && size == 0) begun = true, row.clear();
        for (Value item; (more = all(item));) {
          if (static_cast<int64_t>(row.size()) == size) {
            waiting = std::move(item);
            next = Value::list(std::move(row));
            return true;
          }
          row.push_back(std::move(item));
        }
        if (row.empty()) return false;
        if (!fill.is_none() && static_cast<int64_t>(row.size()) < size) {
          if (size > kMostWeight)
            fail(ErrorKind::input, "a list grew beyond {} values; the template runs away", kMostWeight);
          row.resize(static_cast<size_t>(size), fill);
        }
        next = Value::list(std::move(row));
        return true;
      },
      input);
}

Value slice(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("slice", arguments, {"slices", "fill_with"}, 1);
  const int64_t count = bound.whole(0);
  const Value fill = bound.value(1);
  auto all = std::make_shared<std::vector<Value>>();
  return make_generator(
      [all, input, count, fill, number = int64_t{0}, offset = int64_t{0}](Value& next) mutable {
        if (number == 0) {
          *all = to_items(input);
          if (count == 0) fail(ErrorKind::input, "integer division or modulo by zero");
        }
        if (number >= count) return false;
        const auto length = static_cast<int64_t>(all->size());
        const int64_t each = length / count, longer = length % count, start = offset + number * each;
        if (number < longer) ++offset;
        const int64_t end = offset + (number + 1) * each;
        std::vector<Value> row(all->begin() + start, all->begin() + end);
        if (!fill.is_none() && number >= longer) row.push_back(fill);
        ++number;
        next = Value::list(std::move(row));
        return true;
      },
      input);
}

Value attr(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const Bound bound("attr", arguments, {"name"}, 1);
  const std::string& name = bound.text(0);
  // Of a mapping, the methods alone: its keys are items.
  if (input.is_dict() && input.dict().find_name(name)) {
    const Value empty = make_dict({});
    const Value found = evaluation.attribute(empty, name);
    if (found.is_undefined())
      return Value::undefined(fmt::format("'dict object' has no attribute {}", quoted(name)));
  }
  return evaluation.attribute(input, name);
}

constexpr FilterEntry kFilters[] = {
    {"length", length, true},
    {"count", length, true},
    {"first", first, true},
    {"last", last, true},
    {"random", random, true},
    {"list", list, true},
    {"reverse", reverse, true},
    {"items", items, true},
    {"default", fallback, true},
    {"d", fallback, true},
    {"sort", sort},
    {"dictsort", dictsort},
    {"unique", unique},
    {"min", extreme<false>},
    {"max", extreme<true>},
    {"sum", sum},
    {"groupby", groupby},
    {"batch", batch, true},
    {"slice", slice, true},
    {"attr", attr, true},
};

}  // namespace

std::span<const FilterEntry> sequence_filters() { return kFilters; }

}  // namespace millrace::jinja
