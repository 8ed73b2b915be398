#include "cli/tokenize.h"

#include <cstring>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_file.h"
#include "cli/pull_progress_line.h"
#include "cli/shared_options.h"
#include "models/store/store.h"
#include "tokenizers/tokenizer.h"

namespace millrace::cli {
namespace {

struct Options {
  std::string model;
  bool no_special = false, decode = false, keep_special = false;
  Loudness loudness;
};

std::vector<TokenId> read_ids(const nlohmann::json& line, const std::string& place) {
  std::vector<TokenId> ids;
  if (!line.is_array())
    fail_at(ErrorKind::input, place, "expected a list of token ids, got {}", line.type_name());
  for (const auto& id : line) {
    if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<TokenId>::max())
      fail_at(ErrorKind::input, place, "{} is no token id",
              id.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    ids.push_back(id.get<TokenId>());
  }
  return ids;
}

nlohmann::json convert(const Tokenizer& tokenizer, const Options& options, const nlohmann::json& line,
                       const std::string& place) {
  if (options.decode) return tokenizer.decode(read_ids(line, place), options.keep_special);
  if (!line.is_string())
    fail_at(ErrorKind::input, place, "expected a string in quotes, got {}", line.type_name());
  return tokenizer.encode(line.get_ref<const std::string&>(), !options.no_special);
}

nlohmann::json parse_line(const std::string& text, const std::string& place) {
  try {
    return parse_json(text, "", ErrorKind::input);
  } catch (const Error& error) {  // at ":1:COLUMN"
    throw Error(error.kind(), error.message(), place + error.where().substr(error.where().rfind(':')));
  }
}

// The line separators that JSON lets through are escaped: a line of output is one for every reader.
std::string one_line(const nlohmann::json& value) {
  std::string line = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  for (const auto& [separator, escape] :
       {std::pair("\u2028", "\\u2028"), std::pair("\u2029", "\\u2029"), std::pair("\u0085", "\\u0085")})
    for (size_t at = 0; (at = line.find(separator, at)) != std::string::npos; at += std::strlen(escape))
      line.replace(at, std::strlen(separator), escape);
  return line;
}

int tokenize(const Options& options, Console& console) {
  options.loudness.apply(console);
  const auto folder = ModelStore().resolve(options.model, pull_options(console));
  const auto tokenizer = load_tokenizer(folder.string());
  int64_t number = 0;
  for (std::string text; std::getline(std::cin, text) && !console.out.closed();) {
    const std::string place = fmt::format("standard input:{}", ++number);
    const auto line = parse_line(text, place);
    console.out.line(one_line(convert(*tokenizer, options, line, place)));
  }
  console.interrupts.stop.check();
  return 0;
}

}  // namespace

Subcommand add_tokenize_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "tokenize", "turns lines of JSON strings into lines of token ids, and back",
                     "echo '\"Hello there\"' | millrace tokenize --model openai/whisper-base\n"
                     "echo '[15947, 456]' | millrace tokenize --model openai/whisper-base --decode");
  const auto options = std::make_shared<Options>();
  app->add_option("--model", options->model, "a folder, a file or a Hub name; its tokenizer is enough")
      ->type_name("MODEL")
      ->required();
  auto* no_special = app->add_flag("--no-special-tokens", options->no_special, "the text's own tokens alone");
  auto* decode = app->add_flag("--decode", options->decode, "lists of ids to strings");
  app->add_flag("--keep-special-tokens", options->keep_special, "special tokens stay in the text")
      ->needs(decode);
  no_special->excludes(decode);
  add_loudness_options(*app, options->loudness);
  return {app, [options](Console& console) { return tokenize(*options, console); }};
}

}  // namespace millrace::cli
