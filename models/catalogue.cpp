#include "models/catalogue.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/embedded.h"
#include "base/error.h"

namespace millrace {
namespace {

std::string text(const YAML::Node& node, const char* key) { return node[key].as<std::string>(); }

Mirror parse_mirror(const YAML::Node& node) {
  Mirror mirror{text(node, "weights"), text(node, "revision"), {}, {}};
  for (const YAML::Node& package : node["packages"])
    mirror.packages.push_back({text(package, "name"), text(package, "version"), text(package, "file"),
                               text(package, "sha256"), package["bytes"].as<uint64_t>()});
  for (const YAML::Node& file : node["files"]) {
    Mirror::File one{text(file, "path"), file["bytes"].as<uint64_t>(), text(file, "sha256"), {}};
    for (const YAML::Node& part : file["parts"])
      one.parts.push_back({text(part, "package"), text(part, "member")});
    mirror.files.push_back(std::move(one));
  }
  return mirror;
}

}  // namespace

Catalogue Catalogue::parse(const std::string& yaml, const std::string& name) {
  Catalogue catalogue;
  try {
    const YAML::Node document = YAML::Load(yaml);
    for (const YAML::Node& model : document["models"]) {
      CatalogueEntry entry{text(model, "name"), text(model, "task"), text(model, "license"), {}};
      if (model["mirror"]) entry.mirror = parse_mirror(model["mirror"]);
      catalogue.entries_.push_back(std::move(entry));
    }
  } catch (const YAML::Exception& error) {
    fail_at(ErrorKind::internal, name, "is no catalogue of models: {}", error.what());
  }
  return catalogue;
}

const Catalogue& Catalogue::embedded() {
  static const Catalogue catalogue = [] {
    constexpr const char* kName = "models/catalogue.yaml";
    const auto yaml = embedded_file(kName);
    if (!yaml) fail(ErrorKind::internal, "the program does not carry its {}", kName);
    return parse(std::string(*yaml), kName);
  }();
  return catalogue;
}

const CatalogueEntry* Catalogue::find(std::string_view model) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const CatalogueEntry& entry) { return entry.name == model; });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace millrace
