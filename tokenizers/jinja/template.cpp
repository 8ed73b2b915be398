#include "tokenizers/jinja/template.h"

#include "tokenizers/jinja/renderer.h"
#include "tokenizers/jinja/source.h"
#include "tokenizers/jinja/template_parser.h"

namespace millrace::jinja {

struct Template::Parsed {
  Source source;
  Body body;
};

Template::Template(std::string_view text, const std::string& name) {
  Source source(text, name);
  Body body = parse_template(source);
  parsed_ = std::make_unique<const Parsed>(Parsed{std::move(source), std::move(body)});
}
Template::~Template() = default;
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;

std::string Template::render(const std::vector<std::pair<std::string, Value>>& variables) const {
  return jinja::render(parsed_->source, parsed_->body, variables);
}

}  // namespace millrace::jinja
