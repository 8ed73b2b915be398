#include <cstddef>
#include <cstdint>
#include <string>

#include "graph/picture.h"
#include "tests/graph/sample_pipeline.h"

// Any text is a pipeline or an Error. Seeds: tests/cases/pipelines/*.yaml.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const millrace::Registry registry = millrace::sample::registry();
  const auto source = millrace::sample::source(std::string(reinterpret_cast<const char*>(data), size));
  const millrace::PipelineLibrary library{
      .find = [&](const std::string& name) { return name == "itself" ? source : nullptr; },
      .names = {"itself"}};
  try {
    millrace::to_dot(millrace::check_pipeline(source, registry, library));
  } catch (const millrace::Error&) {
  }
  return 0;
}
