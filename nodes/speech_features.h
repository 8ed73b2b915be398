#pragma once
#include <memory>
#include <string>

#include "graph/resources.h"
#include "preprocess/log_mel.h"

namespace millrace {

// The log-mel features of the named model. Error(model) when it takes none.
std::shared_ptr<const LogMel> speech_features(const std::string& model, Resources& resources);

}  // namespace millrace
