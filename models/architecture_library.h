#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "models/architecture.h"
#include "models/checkpoint.h"

namespace millrace {

// The families of models that are known.
class ArchitectureLibrary {
 public:
  // One of the same name is replaced.
  void add(Architecture architecture);
  // Every *.yaml in `folder`.
  void add_folder(const std::filesystem::path& folder);

  // The family of config.json's `model_type`, with all that it inherits: of "upernet/swin" the one that says
  // so, else that of any "upernet". An unknown one is Error(model) at `where` naming the nearest.
  Architecture of_model_type(std::string_view model_type, const std::string& where) const;
  // The family of this name. An unknown one is Error(model) at `where`.
  Architecture named(const std::string& name, const std::string& where) const;
  // The family whose tensors the checkpoint has, for checkpoints that come without config.json.
  Architecture of_checkpoint(const Checkpoint& checkpoint) const;

 private:
  Architecture complete(const Architecture& architecture) const;

  std::map<std::string, Architecture> families_;
};

// What the program carries (models/architectures/), then the user's own: the folder $MILLRACE_ARCHITECTURES,
// else $XDG_CONFIG_HOME/millrace/architectures, else ~/.config/millrace/architectures.
ArchitectureLibrary load_architectures();

}  // namespace millrace
