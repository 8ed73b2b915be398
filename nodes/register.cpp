#include "nodes/register.h"

namespace millrace {

Registry shipped_nodes() {
  Registry nodes;
  return nodes;
}

}  // namespace millrace
