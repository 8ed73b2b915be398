#include "backends/reference_check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/suggest.h"

namespace millrace {
namespace {

struct Case {
  NamedTensors arguments, results;
};
using CaseName = std::pair<std::string, std::string>;  // method, case

// in.METHOD[@CASE].NAME without its first part.
struct TensorName {
  CaseName of;
  std::string name;
};

std::optional<TensorName> split(std::string_view text) {
  const size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) return std::nullopt;
  const std::string_view method = text.substr(0, dot);
  const size_t at = method.find('@');
  return TensorName{{std::string(method.substr(0, at)),
                     at == std::string_view::npos ? std::string() : std::string(method.substr(at + 1))},
                    std::string(text.substr(dot + 1))};
}

std::map<CaseName, Case> read_cases(const Checkpoint& reference) {
  std::map<CaseName, Case> cases;
  for (const std::string& name : reference.names()) {
    const bool in = name.starts_with("in."), out = name.starts_with("out.");
    const auto parts = in || out ? split(std::string_view(name).substr(in ? 3 : 4)) : std::nullopt;
    if (!parts)
      fail_at(ErrorKind::input, reference.source(),
              "is no reference: its tensors are called in.METHOD[@CASE].ARGUMENT and "
              "out.METHOD[@CASE].RESULT, not '{}'",
              name);
    Case& one = cases[parts->of];
    (in ? one.arguments : one.results).emplace(parts->name, reference.get(name));
  }
  return cases;
}

std::span<const int64_t> without_leading_ones(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  const auto first = std::find_if(shape.begin(), shape.end(), [](int64_t size) { return size != 1; });
  return {first, shape.end()};
}

bool is_integer(DType dtype) {
  return dtype != DType::float32 && dtype != DType::float16 && dtype != DType::bfloat16;
}

// Both float32 and of the same count. NaN anywhere is an infinite error.
double relative_error(const Tensor& got, const Tensor& expected) {
  const float *a = got.data<float>(), *b = expected.data<float>();
  double largest = 0, difference = 0;
  for (int64_t i = 0; i < got.count(); ++i) {
    const double distance =
        (a[i] == b[i]) ? 0 : std::abs(double{a[i]} - double{b[i]});  // equal infinities are equal
    if (std::isnan(distance)) return INFINITY;
    difference = std::max(difference, distance);
    if (std::isfinite(b[i])) largest = std::max(largest, std::abs(double{b[i]}));
  }
  return largest > 0 ? difference / largest : difference;
}

double share_that_differs(const Tensor& got, const Tensor& expected) {
  const size_t size = size_of(got.dtype());
  const auto a = got.bytes(), b = expected.bytes();
  int64_t different = 0;
  for (size_t i = 0; i < a.size(); i += size) different += !std::equal(&a[i], &a[i] + size, &b[i]);
  return got.count() == 0 ? 0 : double(different) / double(got.count());
}

void compare(const Tensor& got, const Tensor& expected, double tolerance, ReferenceResult& result) {
  const auto a = without_leading_ones(got), b = without_leading_ones(expected);
  if (!std::equal(a.begin(), a.end(), b.begin(), b.end())) {
    result.fault =
        fmt::format("has shape {}, the reference {}", to_string(got.shape()), to_string(expected.shape()));
  } else if (is_integer(got.dtype()) != is_integer(expected.dtype()) ||
             (is_integer(got.dtype()) && got.dtype() != expected.dtype())) {
    result.fault = fmt::format("is {}, the reference {}", name_of(got.dtype()), name_of(expected.dtype()));
  } else if (is_integer(got.dtype())) {
    result.error = share_that_differs(got, expected);
    result.within = result.error == 0;
  } else {
    result.error = relative_error(got.to_float32(), expected.to_float32());
    result.within = result.error <= tolerance;
  }
}

// The arguments, with the one that only the results tell.
NamedTensors arguments_of(const std::string& method, const Case& one) {
  NamedTensors arguments = one.arguments;
  if (method == "generate" && !one.results.empty() && !arguments.contains("max_new_tokens")) {
    const Tensor& ids = one.results.begin()->second;
    const int64_t count = ids.rank() == 0 ? 1 : ids.shape().back();
    arguments.emplace("max_new_tokens", Tensor::from<int64_t>({1}, std::span(&count, 1)));
  }
  return arguments;
}

void check_case(const Model& model, const CaseName& name, const Case& one, double tolerance,
                const std::function<void(const ReferenceResult&)>& each) {
  NamedTensors got;
  std::string fault;
  try {
    got = model.run(name.first, arguments_of(name.first, one));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted) throw;
    fault = error.what();
  }
  std::vector<std::string> names;
  for (const auto& entry : got) names.push_back(entry.first);
  for (const auto& [result_name, expected] : one.results) {
    ReferenceResult result{
        .method = name.first, .case_name = name.second, .result = result_name, .fault = fault};
    if (const auto found = got.find(result_name); found != got.end())
      compare(found->second, expected, tolerance, result);
    else if (fault.empty())
      result.fault = fmt::format("the method has no such result{}", did_you_mean(result_name, names));
    each(result);
  }
}

}  // namespace

void check_reference(const Model& model, const Checkpoint& reference, const ReferenceOptions& options,
                     const std::function<void(const ReferenceResult&)>& each) {
  const auto cases = read_cases(reference);
  std::set<std::string> methods;
  for (const auto& [name, one] : cases)
    if (!one.results.empty()) methods.insert(name.first);
  if (methods.empty())
    fail_at(ErrorKind::input, reference.source(), "is no reference: it holds no out. tensors");
  if (!options.only_method.empty() && !methods.contains(options.only_method)) {
    const std::vector<std::string> known(methods.begin(), methods.end());
    fail_at(ErrorKind::usage, reference.source(), "holds nothing of the method '{}'{}", options.only_method,
            did_you_mean(options.only_method, known));
  }
  for (const auto& [name, one] : cases)
    if (options.only_method.empty() || name.first == options.only_method)
      check_case(model, name, one, options.tolerance, each);
}

}  // namespace millrace
