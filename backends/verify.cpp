#include "backends/verify.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/suggest.h"

namespace millrace {
namespace {

constexpr std::string_view kTokenCount = "max_new_tokens", kEmbeddings = "embeddings";

bool is_integer(DType type) {
  return type != DType::float32 && type != DType::float16 && type != DType::bfloat16;
}

std::span<const int64_t> without_leading_ones(const Shape& shape) {
  const auto first = std::ranges::find_if(shape, [](int64_t dim) { return dim != 1; });
  return {first, shape.end()};
}

int64_t integer_at(const Tensor& tensor, int64_t i) {
  switch (tensor.dtype()) {
    case DType::int64:
      return tensor.data<int64_t>()[i];
    case DType::int32:
      return tensor.data<int32_t>()[i];
    case DType::int8:
      return tensor.data<int8_t>()[i];
    default:
      return std::to_integer<uint8_t>(tensor.bytes()[static_cast<size_t>(i)]);
  }
}

void compare_integers(const Tensor& expected, const Tensor& given, VerifiedResult& result) {
  int64_t different = 0;
  result.max_error = result.error = 0;
  for (int64_t i = 0; i < expected.count(); ++i) {
    const int64_t want = integer_at(expected, i), got = integer_at(given, i);
    if (want == got) continue;
    ++different;
    result.max_error =
        std::max(result.max_error, std::abs(static_cast<double>(want) - static_cast<double>(got)));
    if (result.why.empty()) result.why = fmt::format("element {} is {} instead of {}", i, got, want);
  }
  if (different > 0) result.error = static_cast<double>(different) / static_cast<double>(expected.count());
}

void compare_reals(const Tensor& expected, const Tensor& given, double tolerance, VerifiedResult& result) {
  const Tensor want = expected.to_float32(), got = given.to_float32();
  result.max_error = result.error = 0;
  double largest = 0;  // infinities aside, beside which every error would be nothing
  for (int64_t i = 0; i < want.count(); ++i) {
    const double a = want.data<float>()[i], b = got.data<float>()[i];
    if (std::isfinite(a)) largest = std::max(largest, std::abs(a));
    const double error = a == b ? 0 : std::abs(a - b);  // equal infinities
    if (!std::isfinite(error)) {
      result.why = fmt::format("element {} is {} instead of {}", i, b, a);
      result.max_error = result.error = VerifiedResult{}.error;
      return;
    }
    result.max_error = std::max(result.max_error, error);
  }
  if (result.max_error > 0) result.error = result.max_error / largest;
  if (!(result.error <= tolerance))
    result.why = fmt::format("more than {:.3g} of the largest magnitude", tolerance);
}

// Rows for the places in a text: how they are grouped by pictures and tiles makes no difference.
Tensor ungrouped(const Tensor& embeddings) {
  if (embeddings.empty()) return embeddings;
  const int64_t width = embeddings.shape().back();
  return embeddings.reshaped({embeddings.count() / width, width});
}

void compare(const Tensor& expected, const Tensor& given, double tolerance, VerifiedResult& result) {
  const bool integers = is_integer(expected.dtype());
  if (!std::ranges::equal(without_leading_ones(expected.shape()), without_leading_ones(given.shape())))
    result.why =
        fmt::format("the shape is {} instead of {}", to_string(given.shape()), to_string(expected.shape()));
  else if (integers != is_integer(given.dtype()))
    result.why =
        fmt::format("the type is {} instead of {}", name_of(given.dtype()), name_of(expected.dtype()));
  else if (integers)
    compare_integers(expected, given, result);
  else
    compare_reals(expected, given, tolerance, result);
  result.passed = result.why.empty();
}

const MethodInfo* find_method(const Model& model, const std::string& name) {
  const auto found = std::ranges::find(model.methods(), name, &MethodInfo::name);
  return found == model.methods().end() ? nullptr : &*found;
}

// Asks a method that makes tokens for as many as the reference holds; its one result goes by any name.
ReferenceCase adapted(const ReferenceCase& one, const MethodInfo* method) {
  ReferenceCase adapted = one;
  if (!method || !std::ranges::count(method->arguments, kTokenCount) || one.results.size() != 1)
    return adapted;
  const Tensor& ids = one.results.begin()->second;
  const int64_t count = ids.rank() == 0 ? 1 : ids.shape().back();
  adapted.arguments.insert_or_assign(std::string(kTokenCount), Tensor::from<int64_t>({1}, std::array{count}));
  adapted.results = {{method->results.front(), ids}};
  return adapted;
}

void verify_case(const Model& model, const ReferenceCase& one, double tolerance,
                 const std::function<void(const VerifiedResult&)>& each) {
  const ReferenceCase asked = adapted(one, find_method(model, one.method));
  NamedTensors results;
  std::string fault;
  try {
    results = model.run(one.method, asked.arguments);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted) throw;
    fault = error.what();
  }
  std::vector<std::string> known;
  for (const auto& [name, tensor] : results) known.push_back(name);
  for (const auto& [name, expected] : asked.results) {
    VerifiedResult result{
        .method = one.method, .case_name = one.name, .result = name, .shape = expected.shape(), .why = fault};
    if (const auto found = results.find(name); found != results.end() && name == kEmbeddings)
      compare(ungrouped(expected), ungrouped(found->second), tolerance, result);
    else if (found != results.end())
      compare(expected, found->second, tolerance, result);
    else if (fault.empty())
      result.why =
          fmt::format("the method '{}' has no result '{}'{}", one.method, name, did_you_mean(name, known));
    each(result);
  }
}

}  // namespace

void verify(const Model& model, std::span<const ReferenceCase> cases, const VerifyOptions& options,
            const std::function<void(const VerifiedResult&)>& each) {
  std::vector<std::string> known;
  for (const auto& one : cases) known.push_back(one.method);
  if (!options.method.empty() && !std::ranges::count(known, options.method))
    fail(ErrorKind::usage, "the reference holds nothing of a method '{}'{}", options.method,
         did_you_mean(options.method, known));
  for (const auto& one : cases)
    if (options.method.empty() || one.method == options.method)
      verify_case(model, one, options.tolerance, each);
}

}  // namespace millrace
