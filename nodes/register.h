#pragma once
#include "graph/registry.h"

namespace millrace {

// Every node type that ships.
Registry shipped_nodes();

}  // namespace millrace
