#include "decoders/constraint/string_formats.h"

#include <fmt/core.h>

#include <functional>
#include <map>
#include <string>

namespace millrace {
namespace {

std::map<std::string, std::string, std::less<>> make_patterns() {
  const std::string date =
      "[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|"
      "02-(?:0[1-9]|1[0-9]|2[0-8]))";
  const std::string time =
      "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
  const std::string hours_and_less = "(?:[0-9]{1,4}H(?:[0-9]{1,4}M(?:[0-9]{1,4}S)?)?)";
  const std::string label = "[a-z0-9](?:[a-z0-9]{0,30}[a-z0-9])?";
  const std::string host = label + "(?:\\." + label + "){0,3}\\.[a-z]{2,10}";
  const std::string byte = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  const std::string group = "(?:0|[1-9a-f][0-9a-f]{0,3})";
  const std::string atom = "[A-Za-z0-9_+-]{1,32}";
  return {
      {"date", date},
      {"time", time},
      {"date-time", date + "T" + time},
      {"duration", fmt::format("P(?:[0-9]{{1,4}}W|[0-9]{{1,4}}D(?:T{0})?|T{0})", hours_and_less)},
      {"uuid", "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"},
      {"email", atom + "(?:\\." + atom + "){0,3}@" + host},
      {"hostname", host},
      {"ipv4", byte + "(?:\\." + byte + "){3}"},
      {"ipv6", group + "(?::" + group + "){7}"},
      {"uri", "https?://" + host + "(?::[1-9][0-9]{1,3})?(?:/[A-Za-z0-9._~-]{1,64}){0,8}/?"},
  };
}

}  // namespace

std::string_view format_pattern(std::string_view format) {
  static const auto kPatterns = make_patterns();
  const auto found = kPatterns.find(format);
  return found == kPatterns.end() ? std::string_view{} : found->second;
}

}  // namespace millrace
