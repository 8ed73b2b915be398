#include "backends/reference.h"

#include <map>
#include <optional>
#include <utility>

#include "base/error.h"

namespace millrace {
namespace {

struct TensorName {
  bool result = false;
  std::string method, case_name, name;
};

std::optional<TensorName> parse(std::string_view text) {
  const auto first = text.find('.'), last = text.rfind('.');
  const auto direction = text.substr(0, first);
  if ((direction != "in" && direction != "out") || first + 1 >= last || last + 1 == text.size())
    return std::nullopt;
  const auto call = text.substr(first + 1, last - first - 1);
  const auto at = call.find('@');
  if (at == 0 || at + 1 == call.size()) return std::nullopt;
  return TensorName{.result = direction == "out",
                    .method = std::string(call.substr(0, at)),
                    .case_name = std::string(at == call.npos ? "" : call.substr(at + 1)),
                    .name = std::string(text.substr(last + 1))};
}

}  // namespace

std::vector<ReferenceCase> read_reference(const Checkpoint& reference) {
  std::map<std::pair<std::string, std::string>, ReferenceCase> cases;
  for (const auto& text : reference.names()) {
    const auto name = parse(text);
    if (!name)
      fail_at(ErrorKind::input, reference.source(),
              "is no reference: its tensors are called in.METHOD[@CASE].ARGUMENT and "
              "out.METHOD[@CASE].RESULT, not '{}'",
              text);
    auto& found = cases[{name->method, name->case_name}];
    found.method = name->method;
    found.name = name->case_name;
    (name->result ? found.results : found.arguments).emplace(name->name, reference.get(text));
  }
  if (cases.empty()) fail_at(ErrorKind::input, reference.source(), "is no reference: it holds no tensors");
  std::vector<ReferenceCase> all;
  for (auto& [name, one] : cases) {
    if (one.results.empty())
      fail_at(ErrorKind::input, reference.source(), "holds arguments of '{}{}{}' but no out. tensor of it",
              one.method, one.name.empty() ? "" : "@", one.name);
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<ReferenceCase> read_reference(const std::string& path) {
  try {
    return read_reference(*open_checkpoint(path));
  } catch (const Error& error) {  // a damaged reference is no fault of the model
    if (error.kind() != ErrorKind::model) throw;
    throw Error(ErrorKind::input, error.message(), error.where());
  }
}

}  // namespace millrace
