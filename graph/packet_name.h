#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace millrace {

// The C++ name of T without this project's namespace.
template <class T>
constexpr std::string_view cpp_name() {
  std::string_view text = __PRETTY_FUNCTION__;  // GCC: "… [with T = X; …]", Clang: "… [T = X]"
  text.remove_prefix(text.find("T = ") + 4);
  text = text.substr(0, text.find_first_of(";]"));
  constexpr std::string_view own = "millrace::";
  if (text.starts_with(own)) text.remove_prefix(own.size());
  return text;
}

// The name under which people see a packet type: in errors, pictures and the node reference. Specialise where
// the C++ name reads badly.
template <class T>
struct PacketName {
  static constexpr std::string_view value = cpp_name<T>();
};
template <>
struct PacketName<std::string> {
  static constexpr std::string_view value = "string";
};
template <>
struct PacketName<int64_t> {
  static constexpr std::string_view value = "integer";
};
template <>
struct PacketName<double> {
  static constexpr std::string_view value = "number";
};

}  // namespace millrace
