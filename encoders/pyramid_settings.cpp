#include "encoders/pyramid_settings.h"

#include <algorithm>

#include "base/error.h"
#include "models/layers/activation.h"
#include "models/layers/picture_size.h"

namespace millrace {
namespace {

constexpr int64_t kLargestWindow = 1024;
// Without a table of biases that tells how large a window can be.
constexpr int64_t kLargestFreeWindow = 64;

int64_t number_of_stage(const Settings& settings, std::string_view name, const std::vector<int64_t>& all,
                        int64_t stage) {
  if (stage >= std::ssize(all))
    fail_at(ErrorKind::model, settings.where(name), "has no number for stage {}", stage);
  return all[static_cast<size_t>(stage)];
}

// The stage's number in a list of sizes or, with zeros, of counts; `otherwise` without the setting.
int64_t size_of_stage(const Settings& settings, std::string_view name, int64_t stage, int64_t otherwise) {
  if (!settings.has(name)) return otherwise;
  return number_of_stage(settings, name, settings.sizes(name), stage);
}

int64_t count_of_stage(const Settings& settings, std::string_view name, int64_t stage, int64_t otherwise) {
  if (!settings.has(name)) return otherwise;
  return number_of_stage(settings, name, settings.counts(name), stage);
}

// With image_size a window is no larger than what is left of such a picture in the stage.
void fix_window(const Settings& settings, int64_t stage, WindowAttentionOptions& window) {
  window.fixed = true;
  window.trained_window = count_of_stage(settings, "trained_windows", stage, 0);
  const int64_t left = picture_size(settings, "image_size").height / settings.size("first_stride") >>
                       std::min<int64_t>(stage, 62);
  if (left < 1)
    fail_at(ErrorKind::model, settings.where("image_size"), "nothing is left of such a picture in stage {}",
            stage);
  if (left <= window.window) window.shift = 0;
  window.window = std::min(window.window, left);
  if (window.window > kLargestFreeWindow)
    fail_at(ErrorKind::model, settings.where("window"), "{} is too large; at most {} is supported",
            window.window, kLargestFreeWindow);
}

WindowAttentionOptions window_options(const Settings& settings, int64_t stage) {
  WindowAttentionOptions options{.window = settings.size("window", 0),
                                 .fixed = settings.flag("fixed_windows", false)};
  if (options.window > kLargestWindow)
    fail_at(ErrorKind::model, settings.where("window"), "{} is too large; at most {} is supported",
            options.window, kLargestWindow);
  options.shift = options.window / 2;
  if (settings.has("image_size")) fix_window(settings, stage, options);
  return options;
}

PictureAttentionOptions attention_options(const Settings& settings, int64_t stage) {
  return {.scaled_by_width = settings.flag("scaled_by_width", false),
          .norm = picture_norm_kind(settings),
          .norm_epsilon = epsilon_setting(settings, "norm_epsilon"),
          .filtered = settings.has("projections"),
          .query_stride = size_of_stage(settings, "query_strides", stage, 1),
          .query_padding = count_of_stage(settings, "query_paddings", stage, 0),
          .key_stride = size_of_stage(settings, "key_strides", stage, 1),
          .key_padding = count_of_stage(settings, "key_paddings", stage, 0)};
}

}  // namespace

float epsilon_setting(const Settings& settings, std::string_view name) {
  return static_cast<float>(settings.real(name, settings.real("norm_epsilon", 1e-5)));
}

ConvolutionPadding entry_padding(const Settings& settings, int64_t stage) {
  const std::string padding = settings.text("padding", "none");
  if (settings.has("paddings")) return {.count = count_of_stage(settings, "paddings", stage, 0)};
  if (stage == 0 && settings.has("first_padding")) return {.count = settings.size("first_padding")};
  if (padding == "half") return {.kind = ConvolutionPadding::Kind::half};
  if (padding == "fill") return {.kind = ConvolutionPadding::Kind::fill};
  if (padding == "none") return {};
  fail_at(ErrorKind::model, settings.where("padding"), "'{}' is no padding; there are none, half and fill",
          padding);
}

int64_t entry_stride(const Settings& settings, int64_t stage, int64_t kernel) {
  if (settings.has("strides")) return size_of_stage(settings, "strides", stage, 1);
  return stage == 0 ? settings.size("first_stride", kernel) : 2;
}

PyramidLayerOptions pyramid_layer_options(const Settings& settings, int64_t stage, int64_t width) {
  PyramidLayerOptions options{.width = width,
                              .activation = activation_setting(settings, "activation"),
                              .norm = picture_norm_kind(settings),
                              .norm_epsilon = epsilon_setting(settings, "norm_epsilon"),
                              .norm_after = settings.flag("norm_after", false),
                              .pool_size = settings.size("pool_size", 3),
                              .normalised = settings.flag("normalised_context", false),
                              .window = window_options(settings, stage),
                              .attention = attention_options(settings, stage)};
  const int64_t heads = size_of_stage(settings, "heads", stage, 1);
  if (width % heads != 0)
    fail_at(ErrorKind::model, settings.where("heads"), "{} heads do not divide a width of {}", heads, width);
  options.window.heads = options.attention.heads = heads;
  options.window.width = options.attention.width = width;
  return options;
}

}  // namespace millrace
