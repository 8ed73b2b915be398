#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

// A Jinja2 template, as transformers renders chat templates: its sandboxed environment with trim_blocks and
// lstrip_blocks, loop controls and the `generation` block. Parsed once, it may be rendered by any number of
// threads.
class Template {
 public:
  // `name` is what errors call it by. What cannot be parsed is Error(model) at "name:line:column".
  explicit Template(std::string_view text, const std::string& name);
  ~Template();
  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;

  // What goes wrong, and what the template raises, is Error(input) at "name:line:column".
  std::string render(const std::vector<std::pair<std::string, Value>>& variables) const;

 private:
  struct Parsed;
  std::unique_ptr<const Parsed> parsed_;
};

}  // namespace millrace::jinja
