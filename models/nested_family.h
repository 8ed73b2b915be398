#pragma once
#include "models/architecture.h"
#include "models/architecture_library.h"
#include "models/config.h"

namespace millrace {

// Puts the families that `config` has in the places of `architecture.nested` there, with their settings,
// names of weights, and keys that change nothing. A setting that the architecture itself gives counts more.
// The part gets one setting more, `block`: what implements the family's one method. A family that may not be
// there, or none, or one of several methods is Error(model) naming the key.
void add_nested_families(Architecture& architecture, const ModelConfig& config,
                         const ArchitectureLibrary& library);

}  // namespace millrace
