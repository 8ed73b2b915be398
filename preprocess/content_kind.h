#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace millrace {

// What the first bytes of a file say it is, whatever its name.
struct ContentKind {
  std::string_view name;  // "an HTML page", "a WAV file", …; empty when unknown
  bool sound = false;     // may hold sound
  bool lossy = false;     // coded with loss, or a container of such
  bool film = false;      // may hold moving pictures
};

// 512 bytes are enough.
ContentKind content_kind(std::span<const std::byte> head);

}  // namespace millrace
