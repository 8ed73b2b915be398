#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/store/digest.h"

namespace millrace {

struct HubFile {
  std::string path;               // in the repository, '/' between folders
  std::optional<uint64_t> bytes;  // where the listing says
  Digest digest;                  // empty where the listing does not say
};

// What a repository of the Hub holds at one commit.
struct HubListing {
  std::string commit;
  std::vector<HubFile> files;
};

// Reads the answer to /api/models/NAME/revision/REVISION?blobs=true. One that is damaged, or with names of
// files that would lead out of their folder, is Error(io) at `url`.
HubListing parse_hub_listing(std::string_view json, const std::string& url);

// The files of the repository that the engine reads: configurations, tokenizers, templates, the model card,
// and the weights, of which safetensors (whole or sharded) go before CTranslate2's model.bin. Error(model) at
// `name` when there are no weights to be read.
std::vector<HubFile> choose_files(const HubListing& listing, const std::string& name);

}  // namespace millrace
