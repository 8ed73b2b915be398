#include "cli/template.h"

#include <iostream>
#include <iterator>
#include <memory>

#include "base/json_file.h"
#include "cli/pull_progress_line.h"
#include "cli/shared_options.h"
#include "models/store/store.h"
#include "tokenizers/chat_template.h"

namespace millrace::cli {
namespace {

struct Options {
  std::string model;
  Loudness loudness;
};

int render_template(const Options& options, Console& console) {
  options.loudness.apply(console);
  const auto path = ModelStore().resolve(options.model, pull_options(console));
  const auto chat = ChatTemplate::load(path);
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  console.out.write(chat.render(parse_ordered_json(text, "standard input", ErrorKind::input)));
  return 0;
}

}  // namespace

Subcommand add_template_command(CLI::App& parent) {
  CLI::App* app = add_subcommand(parent, "template",
                                 "renders a chat template: from messages to the text that the model is given",
                                 "echo '{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}], "
                                 "\"add_generation_prompt\": true}' |\n"
                                 "  millrace template ./SmolLM2-135M-Instruct\n"
                                 "millrace template chat_template.jinja < case.json");
  const auto options = std::make_shared<Options>();
  app->add_option("MODEL", options->model, "a folder, a Hub name or a .jinja file")->required();
  add_loudness_options(*app, options->loudness);
  return {app, [options](Console& console) { return render_template(*options, console); }};
}

}  // namespace millrace::cli
