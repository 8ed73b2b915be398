#pragma once
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "graph/contract.h"

// A node of each form, small enough to see what a form is.
namespace millrace::sample {

struct Word {
  std::string text;
};
struct Line {
  std::string text;
};

// map: one line of text, changed.
struct ChangeCase {
  enum class Case { upper, lower };
  struct Params {
    Case to = Case::upper;
    std::optional<std::string> prefix;
  };
  struct In {
    Ref<Word> word;
    Ref<Line> heading;
  };
  struct Out {
    Word word;
  };
  static constexpr auto contract = make_contract(
      {.type = "text.change_case", .help = "Makes a word upper or lower case."},
      params(choice<&Params::to>("to", {"upper", "lower"}, "the case wanted"),
             param<&Params::prefix>("prefix", "put before the word")),
      inputs(port<&In::word>("word", "any word"), optional_port<&In::heading>("heading", "put before all")),
      outputs(port<&Out::word>("word", "the same word in the case wanted")));

  ChangeCase(const Params& params, Resources&) : params_(params) {}
  Out operator()(const In& in) const {
    std::string text = (in.heading ? in.heading->text : "") + params_.prefix.value_or("");
    for (const char c : in.word->text)
      text += static_cast<char>(params_.to == Case::upper ? std::toupper(c) : std::tolower(c));
    return {.word = {text}};
  }

 private:
  Params params_;
};

// expand: none or many words of a line.
struct Split {
  struct Params {
    std::string separators = " ";
  };
  struct In {
    Ref<Line> line;
  };
  struct Out {
    Word word;
  };
  static constexpr auto contract = make_contract(
      {.type = "text.split", .help = "Cuts a line into words."},
      params(param<&Params::separators>("separators", "the characters between words")),
      inputs(port<&In::line>("line", "any line")), outputs(port<&Out::word>("word", "each word, in order")));

  Split(const Params& params, Resources&) : params_(params) {}
  void operator()(const In& in, Emit<Out>& emit) const {
    const std::string& text = in.line->text;
    for (size_t at = text.find_first_not_of(params_.separators); at != std::string::npos;) {
      const size_t end = text.find_first_of(params_.separators, at);
      emit({.word = {text.substr(at, end - at)}});
      at = text.find_first_not_of(params_.separators, end);
    }
  }

 private:
  Params params_;
};

// stateful: words gathered into lines, the rest at the end of the stream.
struct Gather {
  struct Params {
    int words = 3;
  };
  struct In {
    Ref<Word> word;
  };
  struct Out {
    std::optional<Line> line;
    std::optional<int64_t> total;
  };
  struct State {
    std::vector<std::string> words;
    int64_t total = 0;
  };
  static constexpr auto contract = make_contract(
      {.type = "text.gather", .help = "Gathers words into lines."},
      params(param<&Params::words>("words", "words a line", {.min = 1, .max = 100, .unit = "words"})),
      inputs(port<&In::word>("word", "any word")),
      outputs(optional_port<&Out::line>("line", "the words with spaces between"),
              optional_port<&Out::total>("total", "how many words there were, once at the end")));

  Gather(const Params& params, Resources&) : params_(params) {}
  State begin() const { return {}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const {
    state.words.push_back(in.word->text);
    ++state.total;
    if (state.words.size() == static_cast<size_t>(params_.words)) emit({.line = join(state), .total = {}});
  }
  void flush(State& state, Emit<Out>& emit) const {
    if (!state.words.empty()) emit({.line = join(state), .total = {}});
    emit({.line = {}, .total = state.total});
  }

 private:
  static Line join(State& state) {
    std::string text;
    for (const std::string& word : state.words) text += (text.empty() ? "" : " ") + word;
    state.words.clear();
    return {text};
  }
  Params params_;
};

// generator: as many lines as downstream has room for.
struct Repeat {
  struct Params {
    int64_t times = 2;
    std::vector<double> factors = {1.0};
  };
  struct In {
    Ref<std::string> text;
  };
  struct Out {
    Ref<Line> line;
  };
  struct State {
    Ref<Line> line;
    int64_t left = 0;
  };
  static constexpr auto contract = make_contract(
      {.type = "text.repeat", .help = "Puts out its input a number of times."},
      params(param<&Params::times>("times", "how often", {.min = 0, .max = 1e6}),
             param<&Params::factors>("factors", "multiply 'times', one after another", {.min = 0})),
      inputs(port<&In::text>("text", "any text")), outputs(port<&Out::line>("line", "the text")));

  Repeat(const Params& params, Resources&) : params_(params) {}
  State begin(const In& in) const {
    double times = static_cast<double>(params_.times);
    for (const double factor : params_.factors) times *= factor;
    return {std::make_shared<const Line>(Line{*in.text}), static_cast<int64_t>(times)};
  }
  bool next(State& state, Emit<Out>& emit) const {
    if (state.left == 0) return false;
    emit({.line = state.line});
    return --state.left > 0;
  }

 private:
  Params params_;
};

// stateful with feedback: overlapping lines of words; what reads a line says how many words to go on by.
struct Chunk {
  struct Params {
    int words = 3;
  };
  struct In {
    Ref<Word> word;
    Ref<int64_t> seek;
  };
  struct Out {
    Line line;
  };
  struct State {
    std::vector<std::string> words;
    size_t at = 0;
    bool ended = false;
  };
  static constexpr auto contract = make_contract(
      {.type = "text.chunk",
       .help = "Cuts a stream of words into lines that start where the last one was read to."},
      params(param<&Params::words>("words", "most words a line", {.min = 1, .max = 100, .unit = "words"})),
      inputs(port<&In::word>("word", "any word"),
             feedback_port<&In::seek>("seek", "how many words of the last line were read")),
      outputs(port<&Out::line>("line", "the words with spaces between")));

  Chunk(const Params& params, Resources&) : params_(params) {}
  State begin() const { return {}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const {
    if (in.seek)
      state.at += static_cast<size_t>(*in.seek);
    else
      state.words.push_back(in.word->text);
    cut(state, emit);
  }
  void flush(State& state, Emit<Out>& emit) const {
    state.ended = true;
    cut(state, emit);
  }

 private:
  void cut(State& state, Emit<Out>& emit) const {
    const size_t left = state.words.size() - std::min(state.at, state.words.size());
    const size_t wanted =
        state.ended ? std::min(left, static_cast<size_t>(params_.words)) : static_cast<size_t>(params_.words);
    if (left == 0 || left < wanted) return;
    std::string text;
    for (size_t i = 0; i < wanted; ++i) text += (i ? " " : "") + state.words[state.at + i];
    emit({.line = {text}});
  }
  Params params_;
};

// What Chunk asks: reads all but the last word of a line.
struct Read {
  struct Params {
    bool silent = false;  // never answers: a fault that the runtime has to notice
  };
  struct In {
    Ref<Line> line;
  };
  struct Out {
    std::optional<Line> line;
    std::optional<int64_t> seek;
  };
  struct State {};
  static constexpr auto contract =
      make_contract({.type = "text.read", .help = "Reads lines."},
                    params(param<&Params::silent>("silent", "never says how far it read")),
                    inputs(port<&In::line>("line", "any line")),
                    outputs(optional_port<&Out::line>("line", "what was read"),
                            optional_port<&Out::seek>("seek", "the words read, one for each line")));

  Read(const Params& params, Resources&) : params_(params) {}
  State begin() const { return {}; }
  void operator()(State&, const In& in, Emit<Out>& emit) const {
    if (in.line->text.find('!') != std::string::npos)
      fail(ErrorKind::input, "cannot read '{}'", in.line->text);
    const auto spaces = std::count(in.line->text.begin(), in.line->text.end(), ' ');
    emit({.line = *in.line, .seek = {}});
    if (!params_.silent) emit({.line = {}, .seek = std::max<int64_t>(1, spaces)});
  }
  void flush(State&, Emit<Out>&) const {}

 private:
  Params params_;
};

// map, item by item: needs a model, which no test has.
struct Judge {
  struct Params {
    std::string model;
    double threshold = 0.5;
  };
  struct In {
    Ref<Line> line;
  };
  struct Out {
    int64_t score = 0;
  };
  static constexpr auto contract = make_contract(
      {.type = "text.judge", .help = "Scores a line."},
      params(param<&Params::model>("model", "a judge", {.required = true, .model = true}),
             param<&Params::threshold>("threshold", "least score", {.min = 0, .max = 1})),
      inputs(port<&In::line>("line", "any line")), outputs(port<&Out::score>("score", "how good it is")));

  Judge(const Params& params, Resources&) { fail(ErrorKind::model, "there is no '{}'", params.model); }
  Out operator()(const In&) const { return {}; }
};

// Without outputs: a node can be an end too.
struct Discard {
  struct Params {};
  struct In {
    Ref<Word> word;
  };
  struct Out {};
  static constexpr auto contract =
      make_contract({.type = "text.discard", .help = "Takes words and does nothing."}, params(),
                    inputs(port<&In::word>("word", "any word")), outputs());
  Discard(const Params&, Resources&) {}
  Out operator()(const In& in) const {
    if (in.word->text == "!") fail(ErrorKind::input, "this word cannot be discarded");
    return {};
  }
};

}  // namespace millrace::sample
