#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::cli {

// The folder of -o, with a file for each input: its name with another ending.
class OutputFolder {
 public:
  // Creates the folder. Error(io) where it cannot be written to, Error(usage) where two inputs would share a
  // file: before any work is done.
  OutputFolder(const std::filesystem::path& folder, const std::vector<std::string>& inputs,
               std::string_view ending);

  const std::filesystem::path& file_of(const std::string& input) const { return files_.at(input); }

 private:
  std::map<std::string, std::filesystem::path> files_;
};

}  // namespace millrace::cli
