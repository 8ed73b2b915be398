#include "graph/pipeline/yaml_tree.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "base/limits.h"
#include "base/utf8.h"

namespace millrace {
namespace {

constexpr size_t kMostNodes = 100'000;
constexpr const char* kNoAliases =
    "aliases (*name) are not part of a pipeline: write the value again, or use a parameter ($name)";

// Where the quoted text that opens at `open` ends, after its closing quote; nothing if it never does.
std::optional<size_t> end_of_quoted(std::string_view text, size_t open) {
  const char quote = text[open];
  for (size_t at = open + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 == text.size() || text[at + 1] != '\'') return at + 1;
      ++at;  // '' stands for one
    }
  }
  return std::nullopt;
}

// Ends the parse; what is wrong has been reported.
struct Stop {};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const SourceText> source, Diagnostics& faults)
      : source_(std::move(source)), faults_(faults) {}

  std::optional<YamlNode> take() { return std::move(root_); }
  Place place(const YAML::Mark& mark, size_t length) const {
    return {source_, mark.line + 1, mark.column + 1, static_cast<int>(std::min<size_t>(length, 1000))};
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node = start(mark, YamlNode::Kind::scalar, "?", anchor);
    node.text = "null";
    add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(mark,
         "aliases (*name) are not part of a pipeline: write the value again, or use a parameter ($name)");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = start(mark, YamlNode::Kind::scalar, tag, anchor);
    node.text = value;
    node.quoted = tag == "!";
    if (node.quoted) check_quotes(mark);
    node.place.length = place(mark, std::max<size_t>(1, value.size() + (node.quoted ? 2 : 0))).length;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(start(mark, YamlNode::Kind::list, tag, anchor));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(start(mark, YamlNode::Kind::map, tag, anchor));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;  // of a map, waiting for its value
    std::set<std::string> keys;
  };

  [[noreturn]] void stop(const YAML::Mark& mark, std::string message) {
    faults_.error(place(mark, 1), std::move(message));
    throw Stop();
  }

  // yaml-cpp takes the end of the file for a closing quote, and sees a missing one late or not at all.
  void check_quotes(const YAML::Mark& mark) {
    const std::string_view text = source_->text;
    const auto open = static_cast<size_t>(mark.pos);
    if (open >= text.size() || (text[open] != '"' && text[open] != '\'')) return;
    const auto end = end_of_quoted(text, open);
    if (!end) stop(mark, "the quote that opens here is never closed");
    constexpr std::string_view kMayFollow = " \r\n:,]}";
    if (*end < text.size() && kMayFollow.find(text[*end]) == std::string_view::npos &&
        text.substr(open, *end - open).find('\n') != std::string_view::npos)
      stop(mark,
           "the quote that opens here is not closed on its line; the next one, which more text follows, ends "
           "it");
  }

  YamlNode start(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) stop(mark, "anchors (&name) are not part of a pipeline: use a parameter ($name)");
    if (!tag.empty() && tag != "?" && tag != "!")
      stop(mark, "tags (!name) are not part of a pipeline: contracts say what type a value has");
    if (++count_ > kMostNodes)
      stop(mark, fmt::format("more than {} values: this is no pipeline", kMostNodes));
    YamlNode node;
    node.kind = kind;
    node.place = place(mark, 1);
    return node;
  }

  void open(YamlNode node) {
    if (open_.size() >= static_cast<size_t>(limits::kDepth)) {
      faults_.error(node.place, fmt::format("nested deeper than {}", limits::kDepth));
      throw Stop();
    }
    open_.push_back({std::move(node), std::nullopt, {}});
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node.kind != YamlNode::Kind::scalar) {
        faults_.error(node.place, fmt::format("a key has to be a name, not a {}", node.kind_name()));
        throw Stop();
      }
      parent.key = std::move(node);
    } else {
      if (parent.keys.insert(parent.key->text).second) {
        parent.node.entries.emplace_back(std::move(*parent.key), std::move(node));
      } else {
        const int first = parent.node.find(parent.key->text)->place.line;
        faults_.error(parent.key->place,
                      fmt::format("'{}' is here twice; the first is on line {}", parent.key->text, first));
      }
      parent.key.reset();
    }
  }

  std::shared_ptr<const SourceText> source_;
  Diagnostics& faults_;
  std::vector<Open> open_;
  std::optional<YamlNode> root_;
  size_t count_ = 0;
};

Place place_of_byte(const std::shared_ptr<const SourceText>& source, size_t byte) {
  const std::string_view before = std::string_view(source->text).substr(0, byte);
  const size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return {source, static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(byte - line_start) + 1, 1};
}

// What yaml-cpp would let pass or complain about in its own words.
bool check_text(const std::shared_ptr<const SourceText>& source, Diagnostics& faults) {
  const std::string& text = source->text;
  if (text.size() > limits::kPipelineBytes) {
    faults.error({source, 1, 1, 1},
                 fmt::format("{} bytes are more than a pipeline's {}", text.size(), limits::kPipelineBytes));
    return false;
  }
  for (size_t at = 0; at < text.size();) {
    const utf8::Sequence next = utf8::sequence_at(text, at);
    if (next.kind != utf8::Sequence::Kind::whole) {
      faults.error(place_of_byte(source, at), "not UTF-8 text");
      return false;
    }
    at += next.size;
  }
  bool indenting = true;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\t' && indenting) {
      faults.error(place_of_byte(source, i), "a tab as indentation: YAML takes spaces only");
      return false;
    }
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t' &&
         !(c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')) ||
        byte == 0x7F) {
      faults.error(place_of_byte(source, i),
                   fmt::format("a control character (0x{:02x})", static_cast<unsigned>(byte)));
      return false;
    }
    if (c == '\n')
      indenting = true;
    else if (c != ' ')
      indenting = false;
  }
  return true;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : entries)
    if (name.text == key) return &value;
  return nullptr;
}

std::string_view YamlNode::kind_name() const {
  switch (kind) {
    case Kind::scalar:
      return "value";
    case Kind::list:
      return "list";
    case Kind::map:
      return "map";
  }
  return "value";
}

std::optional<YamlNode> parse_yaml(const std::shared_ptr<const SourceText>& source, Diagnostics& faults) {
  if (!check_text(source, faults)) return std::nullopt;
  TreeBuilder builder(source, faults);
  try {
    std::istringstream stream(source->text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      faults.error({source, 1, 1, 1}, "the file is empty");
      return std::nullopt;
    }
    std::optional<YamlNode> root = builder.take();
    TreeBuilder second(source, faults);
    if (parser.HandleNextDocument(second)) {
      const std::optional<YamlNode> other = second.take();
      faults.error(other ? other->place : Place{source, 1, 1, 1},
                   "a second document (---) in a pipeline file");
    }
    return root;
  } catch (const Stop&) {
  } catch (const YAML::Exception& error) {
    const bool alias = error.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR;
    faults.error(builder.place(error.mark, 1), alias ? kNoAliases : error.msg);
  }
  return std::nullopt;
}

}  // namespace millrace
