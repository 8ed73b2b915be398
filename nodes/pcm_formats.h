#pragma once
#include <string_view>

namespace millrace {

// The names of PcmFormat's values.
constexpr std::string_view kPcmFormats[] = {"u8", "s16le", "s24le", "s32le", "f32le", "f64le"};

}  // namespace millrace
