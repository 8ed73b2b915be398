#include "cli/application.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/suggest.h"
#include "cli/chat.h"
#include "cli/check.h"
#include "cli/classify.h"
#include "cli/detect.h"
#include "cli/devices.h"
#include "cli/doctor.h"
#include "cli/graph.h"
#include "cli/help_format.h"
#include "cli/listen.h"
#include "cli/models.h"
#include "cli/nodes.h"
#include "cli/run.h"
#include "cli/sample.h"
#include "cli/segment.h"
#include "cli/subcommand.h"
#include "cli/talk.h"
#include "cli/template.h"
#include "cli/tokenize.h"
#include "cli/transcribe.h"
#include "cli/verify.h"
#include "cli/watch.h"

namespace millrace::cli {
namespace {

constexpr const char* kSummary =
    "Speech to text, chat and labels for pictures on this machine's CPU, through pipelines that a text file "
    "defines.";
constexpr const char* kExamples = R"(millrace transcribe talk.mp3
millrace transcribe --format srt -o subtitles/ *.mp4
millrace classify photo.jpg
millrace chat -p "Why is the sky blue?"
millrace run pipelines/asr.yaml talk.mp3 --set language=en
millrace doctor)";

std::string path_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : path_of(*app.get_parent()) + " " + app.get_name();
}

// The innermost subcommand that the command line names.
const CLI::App& innermost(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : innermost(*parsed.front());
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

[[noreturn]] void fail_usage(const CLI::App& app, const std::string& message) {
  fail(ErrorKind::usage, "{}; see '{} --help'", message, path_of(app));
}

// Says what the first argument that nothing took may have been meant to be.
void refuse_extras(const CLI::App& app) {
  auto extras = app.remaining(true);
  std::erase(extras, "--");  // what follows it is no option
  if (extras.empty()) return;
  const auto dashed =
      std::find_if(extras.begin(), extras.end(), [](const std::string& e) { return e[0] == '-'; });
  if (dashed != extras.end()) {
    const std::string name = dashed->substr(0, dashed->find('='));
    fail_usage(app, fmt::format("unknown option '{}'{}", name, did_you_mean(name, option_names(app))));
  }
  const auto commands = subcommand_names(app);
  if (!commands.empty())
    fail_usage(app,
               fmt::format("unknown command '{}'{}", extras.front(), did_you_mean(extras.front(), commands)));
  fail_usage(app, fmt::format("unexpected argument '{}'", extras.front()));
}

}  // namespace

CLI::App* add_subcommand(CLI::App& parent, const std::string& name, const std::string& summary,
                         const std::string& examples) {
  CLI::App* app = parent.add_subcommand(name, summary);
  app->footer(examples);
  app->allow_extras();  // refuse_extras words the error
  return app;
}

int run_command_line(int argc, const char* const* argv, Console& console) {
  CLI::App app(kSummary, "millrace");
  app.formatter(std::make_shared<HelpFormat>());
  app.set_help_flag("-h,--help", "prints this");
  app.set_version_flag("--version", "millrace " MILLRACE_VERSION, "prints the version");
  app.footer(kExamples);
  app.allow_extras();

  std::vector<Subcommand> subcommands = {
      add_transcribe_command(app), add_listen_command(app), add_classify_command(app),
      add_segment_command(app),    add_detect_command(app), add_watch_command(app),
      add_chat_command(app),       add_talk_command(app),   add_generate_command(app),
      add_run_command(app),        add_check_command(app),  add_graph_command(app),
      add_nodes_command(app),      add_doctor_command(app), add_tokenize_command(app),
      add_template_command(app),   add_sample_command(app), add_verify_command(app)};
  for (Subcommand& subcommand : add_models_command(app)) subcommands.push_back(std::move(subcommand));

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    console.out.write(innermost(app).help());
    return 0;
  } catch (const CLI::CallForVersion&) {
    console.out.line("millrace " MILLRACE_VERSION);
    return 0;
  } catch (const CLI::ParseError& error) {
    const CLI::App& where = innermost(app);
    if (error.get_name() == "RequiredError") refuse_extras(where);  // a mistyped name is the likelier fault
    fail_usage(where, error.what());
  }
  const CLI::App& chosen = innermost(app);
  refuse_extras(chosen);
  for (const Subcommand& subcommand : subcommands)
    if (subcommand.app == &chosen) return subcommand.action(console);
  if (argc > 1)
    fail_usage(chosen, fmt::format("name a command: {}", fmt::join(subcommand_names(chosen), ", ")));
  fail(ErrorKind::usage, "name a command\n\n{}", app.help());
}

}  // namespace millrace::cli
