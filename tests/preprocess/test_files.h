#pragma once
#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace millrace {

inline std::string sample_file(const std::string& name) { return MILLRACE_SOURCE_DIR "/samples/" + name; }
inline std::string golden_file(const std::string& name) {
  return MILLRACE_SOURCE_DIR "/tests/golden/preprocess/" + name;
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class T>
std::vector<T> array_of(const std::string& path) {
  const std::string bytes = bytes_of(path);
  std::vector<T> values(bytes.size() / sizeof(T));
  std::copy_n(bytes.data(), values.size() * sizeof(T), reinterpret_cast<char*>(values.data()));
  return values;
}

}  // namespace millrace
