#pragma once
#include <chrono>
#include <filesystem>
#include <string>

namespace millrace {

// Where models are kept and fetched from.
struct StoreOptions {
  std::filesystem::path hub_cache;                  // the Hugging Face cache, shared with other programs
  std::filesystem::path own_cache;                  // what mirrors served, and only that
  std::string endpoint = "https://huggingface.co";  // without a slash at its end
  std::string token;                                // sent to the endpoint and nowhere else; may be empty
  std::string revision = "main";                    // a branch, tag or commit
  bool offline = false;                             // the Hub is not asked
  std::chrono::milliseconds connect_timeout{4000};  // to reach a server at all
  std::chrono::milliseconds stall_timeout{30000};   // without a byte, a transfer has failed
  int attempts = 5;                                 // in a row without progress, for each file
  std::chrono::milliseconds first_pause{1000};      // before the second attempt; doubles with each

  // From HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HUB_OFFLINE and
  // MILLRACE_CACHE, as the library huggingface_hub reads them.
  static StoreOptions from_environment();
};

}  // namespace millrace
