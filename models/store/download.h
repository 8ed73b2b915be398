#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "models/store/digest.h"
#include "models/store/http_client.h"

namespace millrace {

struct Download {
  std::string url;
  std::string name;            // the file's name in its repository, for messages
  std::filesystem::path file;  // where it goes; what an earlier attempt left there is carried on with
  uint64_t bytes = 0;          // how long it must be
  Digest digest;               // what it must hash to
};

// Fetches a file: carries on where a transfer broke off, pauses and tries again as `options` say, and returns
// once the file has the right length and digest and is on the disk. `progress` hears how many bytes are
// there. On failure it is Error(io) with URL, file and advice, and what has come so far stays for the next
// attempt, unless it is wrong.
void download_file(const Download& download, const StoreOptions& options, const CancelToken* cancel,
                   const std::function<void(uint64_t)>& progress);

}  // namespace millrace
