#include "cli/chat.h"

#include <unistd.h>

#include <memory>

#include "cli/chat_screen.h"
#include "cli/completion_json.h"
#include "cli/node_options.h"
#include "nodes/chat_template.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

constexpr size_t kLongestInput = size_t{256} << 20;  // conversations hold pictures

struct Options {
  std::string prompt, system, format = "text", trace;
  std::vector<std::string> pictures, recordings;
  bool has_prompt = false;
  ModelOptions model{.model = "HuggingFaceTB/SmolLM2-135M-Instruct"};
  NodeSettings settings;
  Loudness loudness;
};

// One answer to `input`, printed as it comes; with JSON at the end.
int answer_once(const TextPipeline& pipeline, const std::string& input, bool as_chat, const Options& options,
                Console& console) {
  const bool json = options.format == "json";
  const auto completion = pipeline.run(input, [&](std::string_view piece) {
    if (!json) console.out.write(piece);
  });
  if (!json) console.out.write("\n");
  if (!completion) return console.interrupts.exit_code();
  if (json)
    console.out.line((as_chat ? chat_completion(*completion) : text_completion(*completion))
                         .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return 0;
}

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

bool typed_by_a_person() { return isatty(STDIN_FILENO) != 0; }

int chat(const Options& options, Console& console) {
  options.loudness.apply(console);
  const bool once = options.has_prompt || !typed_by_a_person() || options.format == "json";
  std::string prompt = options.prompt;
  if (once && !options.has_prompt) prompt = without_last_newline(read_all_input(kLongestInput));
  const bool is_conversation = !options.has_prompt && once && holds_messages(prompt);
  if (is_conversation && !(options.system.empty() && options.pictures.empty() && options.recordings.empty()))
    fail(ErrorKind::usage,
         "standard input is a conversation already: its messages hold what --system, --image and --audio "
         "would add");
  const TextPipeline pipeline("chat", options.settings, options.model, console, options.trace);
  if (is_conversation) return answer_once(pipeline, prompt, /*as_chat=*/true, options, console);
  Conversation conversation(options.system);
  for (const auto& path : options.pictures) conversation.show(path);
  for (const auto& path : options.recordings) conversation.play(path);
  if (!once) return ChatScreen(pipeline, std::move(conversation), console).run();
  conversation.say(prompt);
  return answer_once(pipeline, conversation.to_json(), /*as_chat=*/true, options, console);
}

int generate(const Options& options, Console& console) {
  options.loudness.apply(console);
  const std::string prompt = options.has_prompt ? options.prompt : read_all_input(kLongestInput);
  const TextPipeline pipeline("generate", options.settings, options.model, console);
  return answer_once(pipeline, prompt, /*as_chat=*/false, options, console);
}

void add_common_options(CLI::App& app, Options& options) {
  add_model_options(app, options.model);
  add_format_option(app, options.format, {"text", "json"});
  add_loudness_options(app, options.loudness);
  const Registry registry = shipped_nodes();
  app.option_defaults()->group("Generation");
  add_node_options(
      app, {.node = *registry.find("text.decode"), .name = "text", .prefix = "", .except = {"sequences"}},
      options.settings);
}

}  // namespace

Subcommand add_chat_command(CLI::App& parent) {
  CLI::App* app = add_subcommand(parent, "chat", "talks with a language model",
                                 "millrace chat\n"
                                 "millrace chat -p \"What is the capital of France?\"\n"
                                 "millrace chat --system \"Answer in French.\" --temperature 0.7 --seed 1\n"
                                 "git diff | millrace chat --model Qwen/Qwen3-0.6B --format json\n"
                                 "millrace chat --model HuggingFaceTB/SmolVLM-256M-Instruct --image a.jpg "
                                 "-p \"What is this?\"\n"
                                 "millrace chat --format json < messages.json");
  const auto options = std::make_shared<Options>();
  app->add_option_function<std::string>(
         "-p,--prompt",
         [options](const std::string& text) {
           options->prompt = text;
           options->has_prompt = true;
         },
         "answers this and ends; without it, standard input is the prompt, or messages as OpenAI's API has "
         "them, and "
         "at a terminal a conversation begins")
      ->type_name("PROMPT");
  app->add_option("--system", options->system, "what the model is told before the conversation")
      ->type_name("TEXT");
  app->add_option("--image", options->pictures, "a picture that goes with the prompt; any number of times")
      ->type_name("FILE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app->add_option("--audio", options->recordings, "a recording that goes with it, too")
      ->type_name("FILE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app->add_option("--trace", options->trace, "writes what ran when, for ui.perfetto.dev")->type_name("FILE");
  add_common_options(*app, *options);
  return {app, [options](Console& console) { return chat(*options, console); }};
}

Subcommand add_generate_command(CLI::App& parent) {
  CLI::App* app = add_subcommand(parent, "generate", "continues a text with a language model",
                                 "millrace generate -p \"Once upon a time\"\n"
                                 "millrace generate --max-new-tokens 100 --format json < beginning.txt");
  const auto options = std::make_shared<Options>();
  app->add_option_function<std::string>(
         "-p,--prompt",
         [options](const std::string& text) {
           options->prompt = text;
           options->has_prompt = true;
         },
         "the beginning; standard input without it")
      ->type_name("TEXT");
  add_common_options(*app, *options);
  return {app, [options](Console& console) { return generate(*options, console); }};
}

}  // namespace millrace::cli
