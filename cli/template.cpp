#include "cli/template.h"

#include <iostream>
#include <iterator>
#include <memory>

#include "backends/text_files.h"
#include "base/json_file.h"
#include "cli/pull_progress_line.h"
#include "cli/shared_options.h"
#include "models/checkpoint.h"
#include "models/gguf_checkpoint.h"
#include "models/store/store.h"
#include "tokenizers/chat_template.h"

namespace millrace::cli {
namespace {

struct Options {
  std::string model;
  Loudness loudness;
};

// The template of a folder or .jinja file, or the one inside a GGUF file that stands alone.
ChatTemplate chat_template_of(const std::filesystem::path& path) {
  const bool folder = std::filesystem::is_directory(path);
  const std::filesystem::path gguf = folder                        ? find_gguf(path)
                                     : path.extension() == ".gguf" ? path
                                                                   : std::filesystem::path();
  if (gguf.empty()) return ChatTemplate::load(path);
  auto files = read_text_files(gguf.parent_path(), *open_checkpoint(gguf));
  if (!files.chat_template) fail_at(ErrorKind::model, gguf.string(), "holds no chat template");
  return *std::move(files.chat_template);
}

int render_template(const Options& options, Console& console) {
  options.loudness.apply(console);
  const auto path = ModelStore().resolve(options.model, pull_options(console));
  const ChatTemplate chat = chat_template_of(path);
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
  app->add_option("MODEL", options->model, "a folder, a GGUF file, a Hub name or a .jinja file")->required();
  add_loudness_options(*app, options->loudness);
  return {app, [options](Console& console) { return render_template(*options, console); }};
}

}  // namespace millrace::cli
