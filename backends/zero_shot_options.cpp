#include "backends/zero_shot_options.h"

#include "base/error.h"

namespace millrace {

ZeroShotOptions zero_shot_options(const Settings& settings, int64_t positions) {
  ZeroShotOptions options;
  const std::string scores = settings.text("scores", "softmax");
  if (scores == "sigmoid")
    options.scores = LabelSet::Scores::sigmoid;
  else if (scores != "softmax")
    fail_at(ErrorKind::model, settings.where("scores"), "'{}' is unknown; there are softmax and sigmoid",
            scores);
  options.texts.most = positions;
  options.texts.fill = settings.flag("filled", false);
  return options;
}

}  // namespace millrace
