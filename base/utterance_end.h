#pragma once
#include <cstdint>

namespace millrace {

// What is known of an utterance where its window ends.
enum class UtteranceEnd : uint8_t {
  goes_on,  // somebody is speaking
  pause,    // nobody is; this may have been all of it
  over      // it was: what is found now is final
};

}  // namespace millrace
