#include "drawing/colours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace millrace {
namespace {

double linear(uint8_t level) {
  const double x = level / 255.;
  return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
}

// Björn Ottosson's Oklab (2020), in which distances are about what the eye sees.
struct Oklab {
  double light, a, b;
  double chroma() const { return std::hypot(a, b); }
};

Oklab oklab(Colour colour) {
  const double r = linear(colour.red), g = linear(colour.green), b = linear(colour.blue);
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {.light = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          .a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          .b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

// Hues tell labels apart better than lightness does, over a picture with lights and shadows of its own.
double squared_distance(const Oklab& x, const Oklab& y) {
  const double light = 0.6 * (x.light - y.light), a = x.a - y.a, b = x.b - y.b;
  return light * light + a * a + b * b;
}

struct Candidate {
  Colour colour;
  Oklab seen;
  double distance = std::numeric_limits<double>::infinity();  // to the nearest colour that is taken
};

std::vector<Candidate> candidates() {
  constexpr int kStep = 15;
  std::vector<Candidate> all;
  for (int red = 0; red < 256; red += kStep)
    for (int green = 0; green < 256; green += kStep)
      for (int blue = 0; blue < 256; blue += kStep) {
        const Colour colour{static_cast<uint8_t>(red), static_cast<uint8_t>(green),
                            static_cast<uint8_t>(blue)};
        const Oklab seen = oklab(colour);
        if (seen.light > 0.5 && seen.light < 0.88 && seen.chroma() > 0.08 && seen.chroma() < 0.19)
          all.push_back({.colour = colour, .seen = seen});
      }
  return all;
}

// Each the farthest from all before it.
std::array<Colour, kClassColours> make_colours() {
  std::array<Colour, kClassColours> colours;
  auto left = candidates();
  Colour next{30, 135, 240};
  for (Colour& colour : colours) {
    colour = next;
    const Oklab seen = oklab(colour);
    for (Candidate& one : left) one.distance = std::min(one.distance, squared_distance(one.seen, seen));
    next = std::ranges::max_element(left, {}, &Candidate::distance)->colour;
  }
  return colours;
}

// Of the Web Content Accessibility Guidelines.
double luminance(Colour colour) {
  return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

}  // namespace

Colour class_colour(int64_t index) {
  static const auto colours = make_colours();
  return colours[static_cast<size_t>(index % kClassColours)];
}

Colour text_colour_on(Colour background) {
  // The luminance from which black has the larger contrast.
  return luminance(background) > 0.179 ? Colour{0, 0, 0} : Colour{255, 255, 255};
}

}  // namespace millrace
