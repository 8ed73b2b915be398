#include "graph/picture.h"

#include <fmt/core.h>

#include <map>
#include <vector>

namespace millrace {
namespace {

constexpr size_t kLongestValue = 44;  // characters of a setting shown

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) < 0x20)
      out += ' ';
    else
      out += c;
  }
  return out;
}

std::string shorten(std::string text) {
  if (text.size() <= kLongestValue) return text;
  size_t end = kLongestValue - 1;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

// Header colours tell the forms apart.
std::string_view colour_of(NodeForm form) {
  switch (form) {
    case NodeForm::map:
      return "#dbe7f6";
    case NodeForm::expand:
      return "#dcefdc";
    case NodeForm::stateful:
      return "#f8e9cc";
    case NodeForm::generator:
      return "#f3dcdf";
  }
  return "#ffffff";
}

class Drawing {
 public:
  explicit Drawing(const CheckedPipeline& pipeline) : pipeline_(pipeline) {}

  std::string make() {
    add("digraph pipeline {");
    add("  graph [rankdir=TB, nodesep=0.45, ranksep=0.5, pad=0.3, bgcolor=white, fontname=\"Helvetica\", "
        "fontsize=11,");
    add("         fontcolor=\"#5f6368\", style=\"rounded,dashed\", color=\"#9aa0a6\", labeljust=l];");
    add("  node [shape=plain, fontname=\"Helvetica\", fontsize=11, fontcolor=\"#202124\"];");
    add("  edge [fontname=\"Helvetica\", fontsize=9, fontcolor=\"#5f6368\", color=\"#5f6368\", "
        "arrowsize=0.7, penwidth=1.1];");
    title();
    inputs();
    nodes();
    outputs();
    edges();
    add("}");
    return std::move(text_);
  }

 private:
  void add(std::string_view line) { (text_ += line) += '\n'; }

  void title() {
    std::string label = fmt::format("<B>{}</B>", escape(pipeline_.name));
    if (!pipeline_.description.empty())
      label += fmt::format("<BR/><FONT POINT-SIZE=\"10\">{}</FONT>", escape(pipeline_.description));
    add(fmt::format("  labelloc=t; label=<{}<BR/> >;", label));
  }

  static std::string pill(std::string_view text, std::string_view detail, std::string_view fill) {
    return fmt::format(
        "<<TABLE BORDER=\"1\" COLOR=\"#80868b\" STYLE=\"ROUNDED\" CELLBORDER=\"0\" CELLPADDING=\"5\" "
        "BGCOLOR=\"{}\">"
        "<TR><TD><B>{}</B>&nbsp; <FONT COLOR=\"#5f6368\" POINT-SIZE=\"9\">{}</FONT></TD></TR></TABLE>>",
        fill, escape(text), escape(detail));
  }

  bool input_used(size_t port) const {
    const auto uses = [&](const PortSource& s) {
      return s.node == PortSource::kPipelineInput && s.port == static_cast<int>(port);
    };
    for (const CheckedNode& node : pipeline_.nodes)
      for (const PortSource& source : node.inputs)
        if (uses(source)) return true;
    for (const CheckedOutput& output : pipeline_.outputs)
      if (uses(output.from)) return true;
    return false;
  }

  void inputs() {
    for (size_t i = 0; i < pipeline_.inputs.size(); ++i) {
      const CheckedInput& input = pipeline_.inputs[i];
      if (!input_used(i)) continue;
      const std::string name = input.name.empty() ? "$input" : "$input." + input.name;
      add(fmt::format("  input{} [label={}];", i, pill(name, input.type->name, "#f1f3f4")));
    }
  }

  void outputs() {
    for (size_t i = 0; i < pipeline_.outputs.size(); ++i)
      add(fmt::format("  output{} [label={}];", i,
                      pill(pipeline_.outputs[i].name, pipeline_.outputs[i].type->name, "#e8eaed")));
  }

  static std::string row(std::string_view name, std::string_view value) {
    return fmt::format(
        "<TR><TD ALIGN=\"LEFT\"><FONT POINT-SIZE=\"9\" COLOR=\"#5f6368\">{}</FONT></TD>"
        "<TD ALIGN=\"LEFT\"><FONT POINT-SIZE=\"9\">{}</FONT></TD></TR>",
        escape(name), escape(value));
  }

  static std::string rows(const CheckedNode& node) {
    std::string text;
    for (const ParamSetting& setting : node.settings)
      text += row(node.type->params[setting.index].name, shorten(to_yaml(setting.value)));
    const NodeProperties given = node.properties, usual;
    if (given.queue != usual.queue) text += row("queue", fmt::format("{}", given.queue));
    if (given.policy != usual.policy) text += row("policy", name_of(given.policy));
    if (given.batch != usual.batch) text += row("batch", fmt::format("{}", given.batch));
    if (given.max_wait_ms >= 0) text += row("max_wait_ms", fmt::format("{}", given.max_wait_ms));
    if (given.concurrency != usual.concurrency)
      text += row("concurrency", fmt::format("{}", given.concurrency));
    return text;
  }

  std::string box(const CheckedNode& node, std::string_view name) const {
    return fmt::format(
        "<<TABLE BORDER=\"1\" COLOR=\"#80868b\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
        "CELLPADDING=\"3\" "
        "BGCOLOR=\"white\"><TR><TD COLSPAN=\"2\" CELLPADDING=\"6\" BGCOLOR=\"{}\"><B>{}</B>&nbsp; "
        "<FONT COLOR=\"#5f6368\" POINT-SIZE=\"10\">{}</FONT></TD></TR>{}</TABLE>>",
        colour_of(node.type->form), escape(name), escape(node.type->type), rows(node));
  }

  // Nodes of included pipelines ("outer/inner/node") stand in frames, one within the other.
  struct Frame {
    std::vector<size_t> nodes;
    std::map<std::string, Frame> inner;
  };

  void nodes() {
    Frame root;
    for (size_t n = 0; n < pipeline_.nodes.size(); ++n) {
      Frame* frame = &root;
      std::string_view rest = pipeline_.nodes[n].name;
      for (size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
        frame = &frame->inner[std::string(rest.substr(0, slash))];
        rest.remove_prefix(slash + 1);
      }
      frame->nodes.push_back(n);
    }
    draw_frame(root, "  ");
  }

  void draw_frame(const Frame& frame, const std::string& indent) {
    for (const size_t n : frame.nodes) {
      const CheckedNode& node = pipeline_.nodes[n];
      add(fmt::format("{}node{} [label={}];", indent, n,
                      box(node, node.name.substr(node.name.rfind('/') + 1))));
    }
    for (const auto& [name, inner] : frame.inner) {
      add(fmt::format("{}subgraph cluster_{} {{ label=\"{}\";", indent, ++clusters_, name));
      draw_frame(inner, indent + "  ");
      add(indent + "}");
    }
  }

  struct End {
    std::string id, port;
    std::string_view type;
  };

  End start_of(PortSource source) const {
    const auto port = static_cast<size_t>(source.port);
    if (!source.from_node())
      return {fmt::format("input{}", source.port), "", pipeline_.inputs[port].type->name};
    const PortInfo& info = pipeline_.nodes[static_cast<size_t>(source.node)].type->outputs[port];
    return {fmt::format("node{}", source.node), info.name, info.type->name};
  }

  void edge(PortSource source, const std::string& to, std::string_view to_port, bool feedback) {
    const End from = start_of(source);
    std::string label = from.port;
    if (!to_port.empty() && to_port != from.port)
      label += fmt::format("{}{}", label.empty() ? "" : " → ", to_port);
    label = fmt::format("<&nbsp;{}<BR/>&nbsp;<FONT COLOR=\"#9aa0a6\">{}</FONT>>", escape(label),
                        escape(from.type));
    add(fmt::format(
        "  {} -> {} [label={}{}];", from.id, to, label,
        feedback ? ", style=dashed, constraint=false, color=\"#b3541e\", fontcolor=\"#b3541e\"" : ""));
  }

  void edges() {
    for (size_t n = 0; n < pipeline_.nodes.size(); ++n)
      for (size_t i = 0; i < pipeline_.nodes[n].inputs.size(); ++i) {
        const PortInfo& port = pipeline_.nodes[n].type->inputs[i];
        if (pipeline_.nodes[n].inputs[i].node != PortSource::kUnwired)
          edge(pipeline_.nodes[n].inputs[i], fmt::format("node{}", n), port.name,
               port.role == PortRole::feedback);
      }
    for (size_t i = 0; i < pipeline_.outputs.size(); ++i)
      edge(pipeline_.outputs[i].from, fmt::format("output{}", i), "", false);
  }

  const CheckedPipeline& pipeline_;
  std::string text_;
  int clusters_ = 0;
};

}  // namespace

std::string to_dot(const CheckedPipeline& pipeline) { return Drawing(pipeline).make(); }

}  // namespace millrace
