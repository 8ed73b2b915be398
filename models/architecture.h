#pragma once
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// Where one of the engine's settings takes its value from. Exactly one of the sources is given.
struct SettingRule {
  std::string where;               // "whisper.yaml:12:3"
  nlohmann::json constant;         // the value itself; null unsets what the rule replaces
  std::vector<std::string> keys;   // of config.json; the first present counts. "a.b" is b inside a
  std::string value, size, count;  // a tensor's only value, its size along `axis`, how many "{i}" there are
  int64_t axis = 0;
  bool repeated = false;  // the config's list says how often its parts follow each other: [[[a, b], 2]]
  std::string list;       // a tensor's values, of one dimension
  // Of a GGUF file's metadata; the first present counts. "{architecture}" stands for the name that the file
  // gives as its general.architecture.
  std::vector<std::string> metadata;
  bool uniform = false;  // a list has a value for each layer, the same for all; 0 for layers that have none
  // Where none of `keys` or `metadata`, or no tensor of `list`, is present; without it that is an error. 0 in
  // `metadata` is then as good as none.
  std::optional<nlohmann::json> fallback;
  // The engine's value for the file's, in a list for each of its; none: the value itself; null unsets. Of all
  // that it does not list the value is `otherwise`, without which they are errors.
  std::map<std::string, nlohmann::json> values;
  std::optional<nlohmann::json> otherwise;
};
using SettingRules = std::map<std::string, SettingRule>;

struct NestedLayout;

// How a format of checkpoint calls the engine's weights. `names` maps parts of a weight's path: at each
// position the longest part that matches is replaced, "{i}" and "{j}" standing for numbers, and the rest is
// kept. Where the file may call a part by one of several names, the first that it has counts.
struct CheckpointLayout {
  std::string separator = ".";
  std::string optional_prefix;  // which some checkpoints leave out
  // Tensors that tell the family where there is no config.json; the family with most of them counts.
  std::vector<std::string> recognised_by;
  SettingRules settings;  // replace the family's
  std::map<std::string, std::vector<std::string>> names;
  std::set<std::string> transposed;  // last parts of paths whose weights are stored as [inputs, outputs]
  std::vector<std::string> architectures;  // of GGUF's general.architecture, which are this family
  // Layers ("query") whose outputs llama.cpp has rearranged in each head, for rotary positions of
  // neighbouring pairs, and where the metadata says how many heads they have, as in SettingRule. They are put
  // back.
  std::optional<std::map<std::string, std::vector<std::string>>> permuted;
  // Keys of GGUF's metadata that change no result, and those that may have only this value.
  std::set<std::string> ignored;
  std::map<std::string, nlohmann::json> required;
  // The layouts of other families' weights, by the part of the path that they stand at.
  std::map<std::string, std::shared_ptr<const NestedLayout>> nested;
};

// The weights of a family inside another's.
struct NestedLayout {
  std::vector<std::string> weights;  // what the names in the file begin with: one of these, before
  CheckpointLayout layout;           // the family's own names, with or without its optional prefix,
  std::string method;                // of this method of it
};

// A family whose config and weights are part of another's, as those of a backbone are.
struct NestedFamily {
  std::string where;
  std::string config;                 // the key that holds its config
  std::vector<std::string> weights;   // see NestedLayout
  std::vector<std::string> families;  // the model_types that it may have; empty: any
  std::string model_type;             // where its config names none; empty: that is an error
  bool fixed = false;                 // it is of `model_type`, whatever its config says
  // The family where the config has none. Its keys are then those of the outer config, and its names of
  // weights are complete. Empty: that is an error.
  std::string otherwise;
};

// A family of models as data: how its config keys and tensor names map onto the blocks that the engine has.
// Written in YAML; docs and models/architectures/ show how.
struct Architecture {
  std::string name;
  std::string where;  // the file
  std::string like;   // the family that this one starts from
  std::vector<std::string> model_types;
  std::map<std::string, std::string> methods;  // method to the block that implements it
  SettingRules settings;
  std::map<std::string, NestedFamily> nested;      // by the part of settings and weights that is the family's
  std::set<std::string> ignored;                   // config keys that change no result
  std::map<std::string, nlohmann::json> required;  // config keys that may have only this value
  // Keys of the generation config, and the tokens they stand for where a folder says nothing of them.
  std::map<std::string, std::string> generation_tokens;
  // Of models of pictures, where a folder does not say: the list of labels in models/data/, and what its
  // preprocessor_config.json would hold.
  std::string labels;
  nlohmann::json image_processor;
  std::map<std::string, CheckpointLayout> checkpoints;  // by Checkpoint::format()
};

class Checkpoint;

// How the checkpoint calls the weights of the family, null where the family says nothing of its format.
// PyTorch's state dicts have the names of safetensors.
const CheckpointLayout* find_layout(const Architecture& architecture, const Checkpoint& checkpoint);

// Parses an architecture file of the name `where`. What is wrong is Error(model) at "where:line:column".
Architecture parse_architecture(std::string_view yaml, const std::string& where);

// Fills in what `base` says and `architecture` does not.
void inherit(Architecture& architecture, const Architecture& base);

}  // namespace millrace
