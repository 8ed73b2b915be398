#include "nodes/text_compose.h"

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? std::string()
                                    : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string percent(double score) {
  return score < 0.005 ? "under 1 %" : fmt::format("{:.0f} %", score * 100);
}

// "a, b or c"
std::string listed(const std::vector<std::string>& things, std::string_view last) {
  std::string text;
  for (size_t i = 0; i < things.size(); ++i)
    text += (i == 0 ? "" : i + 1 == things.size() ? fmt::format(" {} ", last) : ", ") + things[i];
  return things.empty() ? "nothing" : text;
}

std::string in_words(const Transcript& transcript) {
  auto words = trimmed(transcript.text);
  if (words.empty()) fail(ErrorKind::input, "no words were found in the recording");
  return words;
}

// Of a label with several names, the first: "tench, Tinca tinca".
std::string in_words(const Predictions& predictions) {
  std::vector<std::string> things;
  for (const auto& [index, label, score] : predictions.best)
    things.push_back(fmt::format("{} ({})", label.substr(0, label.find(',')), percent(score)));
  return listed(things, "or");
}

std::string in_words(const Detections& detections) {
  std::vector<std::string> things;
  for (const auto& [label, box] : detections.objects)
    things.push_back(fmt::format("{} ({}) from {:.0f}, {:.0f} to {:.0f}, {:.0f}", label,
                                 percent(static_cast<double>(box.score)), box.x0, box.y0, box.x1, box.y1));
  return listed(things, "and");
}

std::string in_words(const Completion& completion) { return trimmed(completion.generated.text); }

// Each {NAME} for its words.
std::string filled(std::string_view text, const std::map<std::string, std::string, std::less<>>& words) {
  std::string result;
  for (auto open = text.find('{'); open != text.npos; open = text.find('{')) {
    const auto close = text.find('}', open);
    if (close == text.npos) break;
    const auto name = text.substr(open + 1, close - open - 1);
    const auto word = words.find(name);
    if (word == words.end())
      fail(ErrorKind::pipeline,
           "text.compose: there is no input for {{{}}}; braces hold transcript, predictions, "
           "detections, completion or model",
           name);
    result += text.substr(0, open);
    result += word->second;
    text.remove_prefix(close + 1);
  }
  return result += text;
}

}  // namespace

TextCompose::Out TextCompose::operator()(const In& in) const {
  std::map<std::string, std::string, std::less<>> words;
  if (in.transcript) words["transcript"] = in_words(*in.transcript);
  if (in.predictions) words["predictions"] = in_words(*in.predictions);
  if (in.detections) words["detections"] = in_words(*in.detections);
  if (in.completion) words["completion"] = in_words(*in.completion), words["model"] = in.completion->model;
  Out out{.text = filled(params_.text, words), .conversation = {}};
  auto messages = Json::array();
  if (!params_.system.empty()) messages.push_back({{"role", "system"}, {"content", params_.system}});
  messages.push_back({{"role", "user"}, {"content", out.text}});
  out.conversation = messages.dump(-1, ' ', false, Json::error_handler_t::replace);
  return out;
}

}  // namespace millrace
