#include "decoders/constraint/token_trie.h"

#include <algorithm>
#include <numeric>

namespace millrace {
namespace {

constexpr size_t kTokenBytes = 1024;  // longer ones are left out: no text needs them

}  // namespace

TokenTrie::TokenTrie(const Tokenizer& tokenizer) {
  for (TokenId id = 0; id < tokenizer.size(); ++id)
    bytes_.push_back(tokenizer.is_special(id) ? std::string() : tokenizer.token_bytes(id));
  build();
}

TokenTrie::TokenTrie(std::vector<std::string> token_bytes) : bytes_(std::move(token_bytes)) { build(); }

void TokenTrie::build() {
  for (std::string& bytes : bytes_)
    if (bytes.size() > kTokenBytes) bytes.clear();
  std::vector<TokenId> order(bytes_.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](TokenId a, TokenId b) {
    const int by_bytes = bytes_of(a).compare(bytes_of(b));
    return by_bytes != 0 ? by_bytes < 0 : a < b;
  });

  std::vector<uint32_t> path;  // the nodes down to the last token
  std::string before;
  const auto close = [&](size_t depth) {
    for (; path.size() > depth; path.pop_back())
      nodes_[path.back()].after = static_cast<uint32_t>(nodes_.size());
  };
  for (const TokenId token : order) {
    const std::string& bytes = bytes_of(token);
    if (bytes.empty()) continue;
    const auto [here, there] = std::mismatch(bytes.begin(), bytes.end(), before.begin(), before.end());
    const auto same = static_cast<size_t>(here - bytes.begin());
    close(same);
    for (size_t depth = same; depth < bytes.size(); ++depth) {
      path.push_back(static_cast<uint32_t>(nodes_.size()));
      nodes_.push_back(
          {.byte = static_cast<uint8_t>(bytes[depth]), .depth = static_cast<uint16_t>(depth + 1)});
    }
    Node& node = nodes_[path.back()];
    if (node.tokens++ == 0) node.first_token = static_cast<uint32_t>(tokens_.size());
    tokens_.push_back(token);
    before = bytes;
  }
  close(0);
}

}  // namespace millrace
