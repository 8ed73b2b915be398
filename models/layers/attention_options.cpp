#include "models/layers/attention_options.h"

#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

int64_t kv_heads(const Settings& settings, const AttentionOptions& options) {
  if (settings.has("kv_heads") || !settings.has("joint_width"))
    return settings.size("kv_heads", options.heads);
  const int64_t keys_and_values = settings.size("joint_width") - options.query_width();
  if (keys_and_values <= 0 || keys_and_values % (2 * options.head_dim) != 0)
    fail_at(ErrorKind::model, settings.where("joint_width"),
            "{} rows are no queries of {} heads with keys and values", settings.size("joint_width"),
            options.heads);
  return keys_and_values / (2 * options.head_dim);
}

}  // namespace

AttentionOptions attention_options(const Settings& settings, bool causal) {
  AttentionOptions options;
  options.width = settings.size("width");
  options.heads = settings.size("heads");
  options.causal = causal;
  if (!settings.has("head_dim") && options.width % options.heads != 0)
    fail_at(ErrorKind::model, settings.where("heads"), "{} heads do not divide a width of {}", options.heads,
            options.width);
  options.head_dim = settings.size("head_dim", options.width / options.heads);
  options.kv_heads = kv_heads(settings, options);
  if (options.heads % options.kv_heads != 0)
    fail_at(ErrorKind::model, settings.where("kv_heads"), "{} heads cannot share {} key/value heads",
            options.heads, options.kv_heads);
  if (options.head_dim > (1 << 20) || options.heads > (1 << 20))
    fail_at(ErrorKind::model, settings.where("heads"), "{} heads of {} are too many", options.heads,
            options.head_dim);
  const double scale_dim = settings.real("attention_scale_dim", static_cast<double>(options.head_dim));
  options.scale = static_cast<float>(settings.real("attention_scale", 1 / std::sqrt(scale_dim)));
  options.softcap = static_cast<float>(settings.real("attention_softcap", 0));
  options.clip = static_cast<float>(settings.real("projection_clip", 0));
  options.added_masks = settings.flag("added_masks", false);
  options.wide_blocks = settings.flag("wide_blocks", false);
  options.grouped_projection = settings.flag("grouped_projection", false);
  return options;
}

}  // namespace millrace
