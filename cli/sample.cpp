#include "cli/sample.h"

#include <cmath>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/json_file.h"
#include "decoders/generation/sampling_case.h"

namespace millrace::cli {
namespace {

int sample(Console& console) {
  constexpr const char* kPlace = "standard input";
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const auto chances = sampling_case(parse_json(text, kPlace, ErrorKind::input), kPlace);
  nlohmann::ordered_json result;
  result["kept"] = chances.kept;
  result["probs"] = nlohmann::json::array();
  // As many digits as tell the float32 from its neighbours.
  for (const float probability : chances.probabilities)
    result["probs"].push_back(std::stod(fmt::format("{}", probability)));
  console.out.line(result.dump());
  return 0;
}

}  // namespace

Subcommand add_sample_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "sample", "shows what the rules of generation make of one step's logits",
                     "echo '{\"logits\": [2, 1, null, 0.5], \"params\": {\"temperature\": 0.7, \"top_p\": "
                     "0.9}}' | millrace sample\n"
                     "millrace sample < CASE.json");
  return {app, [](Console& console) { return sample(console); }};
}

}  // namespace millrace::cli
