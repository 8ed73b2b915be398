#include "backends/verify.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/suggest.h"

namespace millrace {
namespace {

constexpr std::string_view kTokenCount = "max_new_tokens";

struct Case {
  NamedTensors arguments, results;
};
using CaseName = std::pair<std::string, std::string>;  // method, case

std::map<CaseName, Case> read_cases(const Checkpoint& reference) {
  std::map<CaseName, Case> cases;
  for (const auto& name : reference.names()) {
    const auto first = name.find('.'), last = name.rfind('.');
    const auto direction = name.substr(0, first);
    if ((direction != "in" && direction != "out") || first + 1 >= last || last + 1 == name.size())
      fail_at(ErrorKind::input, reference.source(),
              "the tensor '{}' is neither in.METHOD[@CASE].ARGUMENT nor out.METHOD[@CASE].RESULT", name);
    const auto middle = name.substr(first + 1, last - first - 1);
    const auto at = middle.find('@');
    auto& found = cases[{middle.substr(0, at), at == std::string::npos ? "" : middle.substr(at + 1)}];
    (direction == "in" ? found.arguments : found.results).emplace(name.substr(last + 1), reference.get(name));
  }
  if (cases.empty()) fail_at(ErrorKind::input, reference.source(), "the reference holds nothing");
  return cases;
}

bool is_whole(DType type) {
  return type != DType::float32 && type != DType::float16 && type != DType::bfloat16;
}

std::span<const int64_t> without_leading_ones(const Shape& shape) {
  const auto first = std::ranges::find_if(shape, [](int64_t dim) { return dim != 1; });
  return {first, shape.end()};
}

int64_t whole_at(const Tensor& tensor, int64_t i) {
  if (tensor.dtype() == DType::int64) return tensor.data<int64_t>()[i];
  if (tensor.dtype() == DType::int32) return tensor.data<int32_t>()[i];
  return static_cast<int64_t>(std::to_integer<uint8_t>(tensor.bytes()[static_cast<size_t>(i)]));
}

void compare_whole(const Tensor& expected, const Tensor& given, VerifiedResult& result) {
  for (int64_t i = 0; i < expected.count(); ++i) {
    const int64_t want = whole_at(expected, i), got = whole_at(given, i);
    if (want == got) continue;
    result.max_error =
        std::max(result.max_error, std::abs(static_cast<double>(want) - static_cast<double>(got)));
    if (result.why.empty()) result.why = fmt::format("element {} is {} instead of {}", i, got, want);
  }
  result.relative = result.max_error;
}

void compare_real(const Tensor& expected, const Tensor& given, double tolerance, VerifiedResult& result) {
  const Tensor want = expected.to_float32(), got = given.to_float32();
  double largest = 0;
  for (int64_t i = 0; i < want.count(); ++i) {
    const double a = want.data<float>()[i], b = got.data<float>()[i];
    largest = std::max(largest, std::abs(a));
    const double error = a == b ? 0 : std::abs(a - b);  // equal infinities
    if (!(error <= result.max_error)) result.max_error = error;
    if (std::isnan(error)) {
      result.why = fmt::format("element {} is {} instead of {}", i, b, a);
      result.max_error = result.relative = std::numeric_limits<double>::infinity();
      return;
    }
  }
  result.relative = result.max_error == 0 ? 0 : result.max_error / largest;
  if (!(result.relative <= tolerance))
    result.why = fmt::format("the error is {:.1e} of the largest magnitude, more than {:.1e}",
                             result.relative, tolerance);
}

void compare(const Tensor& expected, const Tensor& given, double tolerance, VerifiedResult& result) {
  if (!std::ranges::equal(without_leading_ones(expected.shape()), without_leading_ones(given.shape())))
    result.why =
        fmt::format("the shape is {} instead of {}", to_string(given.shape()), to_string(expected.shape()));
  else if (is_whole(expected.dtype()) && is_whole(given.dtype()))
    compare_whole(expected, given, result);
  else
    compare_real(expected, given, tolerance, result);
  result.passed = result.why.empty();
}

const MethodInfo* find_method(const Model& model, const std::string& name) {
  const auto found = std::ranges::find(model.methods(), name, &MethodInfo::name);
  return found == model.methods().end() ? nullptr : &*found;
}

// Asks a method that makes tokens for as many as the reference holds; its one result goes by any name.
void adapt_generation(const MethodInfo& method, Case& given) {
  if (!std::ranges::count(method.arguments, kTokenCount) || given.results.size() != 1) return;
  const Tensor ids = given.results.begin()->second;
  if (ids.rank() > 0)
    given.arguments[std::string(kTokenCount)] = Tensor::from<int64_t>({1}, std::array{ids.shape().back()});
  given.results = {{method.results.front(), ids}};
}

// The model's results for one case, or why there are none.
std::optional<NamedTensors> run(const Model& model, const std::string& method, const Case& given,
                                std::string& why) {
  try {
    return model.run(method, given.arguments);
  } catch (const Error& error) {
    why = error.what();
    return std::nullopt;
  }
}

}  // namespace

std::vector<VerifiedResult> verify(const Model& model, const Checkpoint& reference,
                                   const VerifyOptions& options) {
  std::vector<VerifiedResult> verified;
  std::vector<std::string> known;
  for (auto& [name, given] : read_cases(reference)) {
    known.push_back(name.first);
    if (!options.method.empty() && options.method != name.first) continue;
    if (const auto* method = find_method(model, name.first)) adapt_generation(*method, given);
    std::string why;
    const auto results = run(model, name.first, given, why);
    if (given.results.empty()) why = "the reference holds no result of this case";
    const auto fail_case = [&](const std::string& result, Shape shape) {
      verified.push_back({.method = name.first,
                          .case_name = name.second,
                          .result = result,
                          .shape = std::move(shape),
                          .why = why});
    };
    if (given.results.empty()) fail_case("", {});
    for (const auto& [result_name, expected] : given.results) {
      if (!results) {
        fail_case(result_name, expected.shape());
        continue;
      }
      const auto found = results->find(result_name);
      if (found == results->end()) {
        why = fmt::format("the method '{}' has no result '{}'", name.first, result_name);
        fail_case(result_name, expected.shape());
        continue;
      }
      auto& result = verified.emplace_back();
      result.method = name.first;
      result.case_name = name.second;
      result.result = result_name;
      result.shape = expected.shape();
      compare(expected, found->second, options.tolerance, result);
    }
  }
  if (verified.empty())
    fail_at(ErrorKind::input, reference.source(), "the reference holds no method '{}'{}", options.method,
            did_you_mean(options.method, known));
  return verified;
}

}  // namespace millrace
