#pragma once
#include <vector>

#include "tokenizers/jinja/source.h"
#include "tokenizers/jinja/token.h"

namespace millrace::jinja {

// The words of a template, with what `-`, `+`, trim_blocks and lstrip_blocks do to the white space around
// tags already done, ended by Token::Kind::end. What is no word is Error(model) with its place.
std::vector<Token> tokenize(const Source& source);

}  // namespace millrace::jinja
