#pragma once
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "graph/contract.h"
#include "graph/node_form.h"
#include "graph/param_value.h"

// Between the members of a node's Params and ParamValue.
namespace millrace::param_detail {

template <class T>
struct Shape {
  using Element = T;
  static constexpr bool list = false, optional = false;
};
template <class T>
struct Shape<std::vector<T>> {
  using Element = T;
  static constexpr bool list = true, optional = false;
};
template <class T>
struct Shape<std::optional<T>> {
  using Element = typename Shape<T>::Element;
  static constexpr bool list = Shape<T>::list, optional = true;
};

template <class E>
constexpr ParamKind kind_of(bool has_choices, bool model) {
  if constexpr (std::is_same_v<E, bool>)
    return ParamKind::boolean;
  else if constexpr (std::is_same_v<E, int> || std::is_same_v<E, int64_t>)
    return ParamKind::integer;
  else if constexpr (std::is_same_v<E, double>)
    return ParamKind::number;
  else if constexpr (std::is_enum_v<E>)
    return ParamKind::choice;
  else {
    static_assert(
        std::is_same_v<E, std::string>,
        "a parameter is a bool, int, int64_t, double, std::string or enum, or a vector or optional of one");
    return model ? ParamKind::model : has_choices ? ParamKind::choice : ParamKind::text;
  }
}

template <class E>
ParamValue pack_one(const E& value, const ParamInfo& info) {
  if constexpr (std::is_enum_v<E>)
    return {info.choices.at(static_cast<size_t>(value))};
  else if constexpr (std::is_same_v<E, int>)
    return {int64_t{value}};
  else
    return {value};
}
template <class T>
ParamValue pack(const T& member, const ParamInfo& info) {
  return pack_one(member, info);
}
template <class T>
ParamValue pack(const std::vector<T>& member, const ParamInfo& info) {
  ParamValue::List list;
  for (const T& value : member) list.push_back(pack_one(value, info));
  return {std::move(list)};
}
template <class T>
ParamValue pack(const std::optional<T>& member, const ParamInfo& info) {
  return member ? pack(*member, info) : ParamValue{};
}

// `value` has passed fault_of.
template <class E>
void unpack_one(E& member, const ParamValue& value, const ParamInfo& info) {
  if constexpr (std::is_enum_v<E>) {
    const auto& name = std::get<std::string>(value.value);
    for (size_t i = 0; i < info.choices.size(); ++i)
      if (info.choices[i] == name) member = static_cast<E>(i);
  } else if constexpr (std::is_same_v<E, double>) {
    const auto* whole = std::get_if<int64_t>(&value.value);
    member = whole ? static_cast<double>(*whole) : std::get<double>(value.value);
  } else if constexpr (std::is_same_v<E, int>) {
    member = static_cast<int>(std::get<int64_t>(value.value));
  } else {
    member = std::get<E>(value.value);
  }
}
template <class T>
void unpack(T& member, const ParamValue& value, const ParamInfo& info) {
  unpack_one(member, value, info);
}
template <class T>
void unpack(std::vector<T>& member, const ParamValue& value, const ParamInfo& info) {
  member.clear();
  for (const ParamValue& element : std::get<ParamValue::List>(value.value)) {
    T one{};
    unpack_one(one, element, info);
    member.push_back(std::move(one));
  }
}
template <class T>
void unpack(std::optional<T>& member, const ParamValue& value, const ParamInfo& info) {
  if (value.is_null()) return member.reset();
  unpack(member.emplace(), value, info);
}

template <class Params, auto M, size_t C>
ParamInfo info_of(const Param<M, C>& p) {
  using T = MemberType<M>;
  using E = typename Shape<T>::Element;
  static_assert(!std::is_enum_v<E> || C > 0,
                "an enum parameter is declared with choice<...>(name, {names}, help)");
  ParamInfo info{.name = std::string(p.name),
                 .help = std::string(p.help),
                 .unit = std::string(p.options.unit),
                 .type = {kind_of<E>(C > 0, p.options.model), Shape<T>::list, Shape<T>::optional},
                 .min = p.options.min,
                 .max = p.options.max,
                 .choices = {p.choices.begin(), p.choices.end()},
                 .required = p.options.required,
                 .default_value = {}};
  if constexpr (std::is_same_v<E, int>) {
    info.min = std::max(info.min, -2147483648.0);
    info.max = std::min(info.max, 2147483647.0);
  }
  if (!info.required) info.default_value = pack(Params{}.*M, info);
  return info;
}

}  // namespace millrace::param_detail
