#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "graph/packet.h"

// Results of a pipeline for people and for programs.
namespace millrace::cli {

// Whether one of a type is all of an item's result (a transcript), or one of many.
bool is_whole_result(const PacketType* type);

// What has no form in JSON is told by its place or size: {"start":…,"end":…} of sound, {"shape":…} of arrays.
nlohmann::ordered_json packet_to_json(const Packet& packet);

// What was found in a picture, a line each.
std::vector<std::string> packet_lines(const Packet& packet);

// The words alone; a line, or lines, or nothing.
std::string packet_to_text(const Packet& packet);

}  // namespace millrace::cli
