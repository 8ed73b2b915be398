#include "base/error.h"

namespace millrace {

int exit_code(ErrorKind kind) { return static_cast<int>(kind); }

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::pipeline:
      return "pipeline";
    case ErrorKind::model:
      return "model";
    case ErrorKind::input:
      return "input";
    case ErrorKind::io:
      return "input/output";
    case ErrorKind::internal:
      return "internal";
    case ErrorKind::interrupted:
      return "interrupted";
  }
  return "internal";
}

Error::Error(ErrorKind kind, std::string message, std::string where)
    : kind_(kind), message_(std::move(message)), where_(std::move(where)) {
  what_ = where_.empty() ? message_ : where_ + ": " + message_;
}

Error Error::at(std::string_view outer) const {
  return Error(kind_, message_, where_.empty() ? std::string(outer) : fmt::format("{}: {}", outer, where_));
}

}  // namespace millrace
