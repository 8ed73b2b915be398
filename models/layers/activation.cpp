#include "models/layers/activation.h"

#include <utility>

#include "base/error.h"
#include "base/suggest.h"

namespace millrace {
namespace {

using kernels::Activation;

constexpr std::pair<std::string_view, Activation> kActivations[] = {
    {"gelu", Activation::gelu},
    {"gelu_accurate", Activation::gelu_tanh},
    {"gelu_fast", Activation::gelu_tanh},
    {"gelu_new", Activation::gelu_tanh},
    {"gelu_python", Activation::gelu},
    {"gelu_python_tanh", Activation::gelu_tanh},
    {"gelu_pytorch_tanh", Activation::gelu_tanh},
    {"gelu_tanh", Activation::gelu_tanh},
    {"linear", Activation::none},
    {"quick_gelu", Activation::quick_gelu},
    {"relu", Activation::relu},
    {"relu6", Activation::relu6},
    {"sigmoid", Activation::sigmoid},
    {"silu", Activation::silu},
    {"swish", Activation::silu},
};

}  // namespace

Activation activation_setting(const Settings& settings, std::string_view name) {
  const std::string wanted = settings.text(name);
  std::vector<std::string> known;
  for (const auto& [spelling, activation] : kActivations) {
    if (spelling == wanted) return activation;
    known.emplace_back(spelling);
  }
  fail_at(ErrorKind::model, settings.where(name), "the activation '{}' is not supported{}", wanted,
          did_you_mean(wanted, known));
}

}  // namespace millrace
