#include "graph/node_form.h"

namespace millrace {

std::string_view name_of(NodeForm form) {
  switch (form) {
    case NodeForm::map:
      return "map";
    case NodeForm::expand:
      return "expand";
    case NodeForm::stateful:
      return "stateful";
    case NodeForm::generator:
      return "generator";
  }
  return "map";
}

}  // namespace millrace
