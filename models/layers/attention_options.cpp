#include "models/layers/attention_options.h"

#include <cmath>

#include "base/error.h"

namespace millrace {

AttentionOptions attention_options(const Settings& settings, bool causal) {
  AttentionOptions options;
  options.width = settings.size("width");
  options.heads = settings.size("heads");
  options.kv_heads = settings.size("kv_heads", options.heads);
  options.causal = causal;
  if (!settings.has("head_dim") && options.width % options.heads != 0)
    fail_at(ErrorKind::model, settings.where("heads"), "{} heads do not divide a width of {}", options.heads,
            options.width);
  options.head_dim = settings.size("head_dim", options.width / options.heads);
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
  options.grouped_projection = settings.flag("grouped_projection", false);
  return options;
}

}  // namespace millrace
