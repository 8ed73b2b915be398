#include <iostream>
#include <nlohmann/json.hpp>

#include "decoders/speech/transcript_formats.h"

// write_subtitles FORMAT < SEGMENTS.json: what the program makes of segments {"start", "end", "text"}.
int main(int argc, char** argv) {
  if (argc != 2) return 2;
  millrace::Transcript transcript;
  for (const auto& segment : nlohmann::json::parse(std::cin)) {
    transcript.segments.emplace_back();
    transcript.segments.back().start = segment.at("start").get<double>();
    transcript.segments.back().end = segment.at("end").get<double>();
    transcript.segments.back().text = segment.at("text").get<std::string>();
  }
  std::cout << millrace::write_transcript(transcript, millrace::transcript_format(argv[1]), {});
}
