#include "cli/packet_text.h"

#include <fmt/ranges.h>

#include <cmath>

#include "cli/completion_json.h"
#include "decoders/speech/transcript_formats.h"
#include "nodes/image_packets.h"
#include "nodes/packets.h"
#include "nodes/talk_packets.h"
#include "nodes/text_packets.h"

namespace millrace::cli {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
bool is(const Packet& packet) {
  return packet.type() == &kPacketType<T>;
}

Json transcript_json(const Transcript& transcript) {
  return Json::parse(write_transcript(transcript, TranscriptFormat::json));
}

// A segment as a transcript has it.
Json segment_json(const Segment& segment) {
  Transcript transcript;
  transcript.segments.push_back(segment);
  return transcript_json(transcript)["segments"][0];
}

Json heard_json(const Heard& heard) {
  return {{"turn", heard.utterance.turn.number},
          {"start", heard.utterance.start},
          {"end", heard.utterance.end},
          {"text", heard.text}};
}

Json predictions_json(const Predictions& predictions) {
  auto list = Json::array();
  for (const auto& prediction : predictions.best)
    list.push_back({{"label", prediction.label}, {"score", std::round(prediction.score * 1e6) / 1e6}});
  return list;
}

Json segmentation_json(const Segmentation& segments) {
  if (!segments.logits.empty()) return {{"shape", segments.logits.shape()}};
  auto list = Json::array();
  for (const auto& [index, label, share] : segments.parts)
    list.push_back({{"class", index}, {"label", label}, {"share", std::round(share * 1e6) / 1e6}});
  return list;
}

// In the picture's own pixels.
Json detections_json(const Detections& detections) {
  const auto rounded = [](float value) { return std::round(value * 1e3) / 1e3; };
  auto list = Json::array();
  for (const auto& [label, box] : detections.objects)
    list.push_back({{"class", box.label},
                    {"label", label},
                    {"score", std::round(box.score * 1e6) / 1e6},
                    {"box",
                     {{"xmin", rounded(box.x0)},
                      {"ymin", rounded(box.y0)},
                      {"xmax", rounded(box.x1)},
                      {"ymax", rounded(box.y1)}}}});
  return list;
}

// Where it lies in the recording.
Json clip_json(const AudioClip& clip) {
  const auto milliseconds = [&](int64_t sample) { return std::round(clip.seconds_at(sample) * 1e3) / 1e3; };
  return {{"start", milliseconds(0)}, {"end", milliseconds(clip.length())}};
}

Json partial_json(const PartialText& text) {
  return {{"start", text.start}, {"end", text.end}, {"text", text.text()}, {"settled", text.settled}};
}

Json gap_json(const StreamGap& gap) {
  const auto milliseconds = [](double seconds) { return std::round(seconds * 1e3) / 1e3; };
  return {
      {"start", milliseconds(gap.start)}, {"end", milliseconds(gap.start + gap.seconds)}, {"why", gap.why}};
}

}  // namespace

std::vector<std::string> packet_lines(const Packet& packet) {
  std::vector<std::string> lines;
  const auto add = [&](double part, const std::string& label) {
    lines.push_back(fmt::format("{:5.1f} %  {}", part * 100, label));
  };
  if (is<Predictions>(packet))
    for (const auto& [index, label, score] : packet.get<Predictions>()->best) add(score, label);
  if (is<Segmentation>(packet))
    for (const auto& [index, label, share] : packet.get<Segmentation>()->parts) add(share, label);
  if (is<Detections>(packet))
    for (const auto& [label, box] : packet.get<Detections>()->objects)
      add(static_cast<double>(box.score),
          fmt::format("{}  {:.0f} {:.0f} {:.0f} {:.0f}", label, box.x0, box.y0, box.x1, box.y1));
  return lines;
}

bool is_whole_result(const PacketType* type) {
  return type == &kPacketType<Transcript> || type == &kPacketType<Completion>;
}

Json packet_to_json(const Packet& packet) {
  if (is<Transcript>(packet)) return transcript_json(*packet.get<Transcript>());
  if (is<Segment>(packet)) return segment_json(*packet.get<Segment>());
  if (is<PartialText>(packet)) return partial_json(*packet.get<PartialText>());
  if (is<StreamGap>(packet)) return gap_json(*packet.get<StreamGap>());
  if (is<Completion>(packet)) return text_completion(*packet.get<Completion>());
  if (is<Predictions>(packet)) return predictions_json(*packet.get<Predictions>());
  if (is<Segmentation>(packet)) return segmentation_json(*packet.get<Segmentation>());
  if (is<Detections>(packet)) return detections_json(*packet.get<Detections>());
  if (is<Image>(packet))
    return {{"height", packet.get<Image>()->height}, {"width", packet.get<Image>()->width}};
  if (is<Heard>(packet)) return heard_json(*packet.get<Heard>());
  if (is<TextPiece>(packet)) return packet.get<TextPiece>()->text;
  if (is<TokenIds>(packet)) return packet.get<TokenIds>()->ids;
  if (is<TokenEmbeddings>(packet))
    return {{"shape", packet.get<TokenEmbeddings>()->prompt.embeddings.shape()}};
  if (is<std::string>(packet)) return *packet.get<std::string>();
  if (is<int64_t>(packet)) return *packet.get<int64_t>();
  if (is<double>(packet)) return *packet.get<double>();
  if (is<AudioClip>(packet)) return clip_json(*packet.get<AudioClip>());
  if (is<StreamGap>(packet)) return gap_json(*packet.get<StreamGap>());
  if (is<LogMelFrames>(packet)) return {{"shape", packet.get<LogMelFrames>()->values.shape()}};
  if (is<EncoderStates>(packet)) return {{"shape", packet.get<EncoderStates>()->values.shape()}};
  return {{"type", packet.type()->name}};
}

std::string packet_to_text(const Packet& packet) {
  if (is<Transcript>(packet)) return write_transcript(*packet.get<Transcript>(), TranscriptFormat::text);
  if (is<Segment>(packet)) return {};      // the transcript holds it
  if (is<PartialText>(packet)) return {};  // a segment will say it
  if (is<Heard>(packet)) return "> " + packet.get<Heard>()->text + "\n";
  if (is<TextPiece>(packet)) return packet.get<TextPiece>()->text;
  if (is<Detections>(packet) && packet.get<Detections>()->objects.empty()) return {};
  if (const auto lines = packet_lines(packet); !lines.empty())
    return fmt::format("{}\n", fmt::join(lines, "\n"));
  if (is<Completion>(packet)) return "\n";  // the pieces have been printed
  if (is<std::string>(packet)) return *packet.get<std::string>() + "\n";
  return packet_to_json(packet).dump() + "\n";
}

}  // namespace millrace::cli
