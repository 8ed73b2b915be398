#pragma once

namespace millrace {

// What cmake/embed.cmake generates: the embedded files in order of their names, ended by an entry without a
// name.
struct EmbeddedEntry {
  const char* name;
  const char* begin;
  const char* end;
};
extern const EmbeddedEntry kEmbeddedEntries[];

}  // namespace millrace
