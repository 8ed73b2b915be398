#pragma once
#include <ctime>
#include <optional>
#include <string>

#include "tokenizers/jinja/evaluation.h"

namespace millrace::jinja {

// What is there without a template's saying so: range, dict, namespace, cycler, joiner, lipsum,
// raise_exception, strftime_now.
std::optional<Value> find_global(Evaluation& evaluation, const std::string& name);

// strftime() of a time, which tests can set.
std::string format_time(const std::string& format, const std::tm& time, int64_t microsecond = 0);

}  // namespace millrace::jinja
