#pragma once
#include <string>
#include <vector>

#include "graph/pipeline/source_text.h"

namespace millrace {

struct Fault {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  Place place;
  std::string message;
  std::string hint;  // what to do, on a line of its own; may be empty
};

// Collects what is wrong with a pipeline, so that all of it can be told in one go.
class Diagnostics {
 public:
  void error(Place place, std::string message, std::string hint = {});
  void warning(Place place, std::string message, std::string hint = {});

  bool has_errors() const { return errors_ > 0; }
  size_t errors() const { return errors_; }
  const std::vector<Fault>& faults() const { return faults_; }

  // Compiler-style, in the order of the text:
  //   asr.yaml:4:13: error: unknown node type 'audio.reed' (did you mean 'audio.read'?)
  //       4 |   audio: {type: audio.reed}
  //         |                 ^~~~~~~~~~
  std::string render_errors() const { return render(Fault::Severity::error); }
  std::string render_warnings() const { return render(Fault::Severity::warning); }

  // Throws Error(pipeline) with all errors rendered, when there is one.
  void throw_errors() const;

 private:
  std::string render(Fault::Severity severity) const;

  std::vector<Fault> faults_;
  size_t errors_ = 0;
};

}  // namespace millrace
