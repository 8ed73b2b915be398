#pragma once
#include <cstdint>

#include "kernels/types.h"

// How the grouped types (int4 and GGML's) lie in a panel, one format for all. A value is
//
//   scale * (code - offset) + minimum
//
// with an unsigned code of a few bits. 32 inputs make a group. Simple types have a float16 scale, and perhaps
// a float16 minimum, for each group of a column; the others ("K-quants") share them among eight groups, whose
// own scales and minima are whole numbers of eight bits that multiply the shared. For each group there is, in
// this order, in every part one after the other for all columns of the panel:
//
//   shared:   float16 scale, float16 minimum    before each eighth group, where groups share them
//   own:      float16 scale, float16 minimum    or, where they share: int8 scale, uint8 minimum, each twice
//                                               where the halves of 16 inputs differ
//   planes:   4 · bits bytes a column, as words of 4 bytes, which belong to four neighbouring inputs: "quad"
//             j = inputs 4 j … 4 j + 3
//
// The codes' bits are cut into planes: the lower four (4, 5 and 6 bits) or two (2 and 3 bits), then the rest.
// Planes of four bits have 4 words, word i with quad i in its bytes' low halves and quad i + 4 in the high
// ones; planes of two bits 2 words, word i with quad 4 i + k from bit 2 k on; planes of one bit 1 word, with
// quad k in bit k. Codes of eight bits are 8 words.
namespace millrace::kernels {

inline constexpr int kGroup = 32;  // inputs
inline constexpr int kQuads = 8;   // of a group
inline constexpr int kSharingGroups = 8;

struct GroupFormat {
  int bits = 4;
  int offset = 0;
  bool table = false;    // the code stands for kTable[code]; the offset is that table's
  bool minimum = false;  // the offset is 0 then
  bool shared = false;
  bool halves = false;

  constexpr int own_bytes() const {  // a column's
    return shared ? (minimum ? 2 : 1) * (halves ? 2 : 1) : minimum ? 4 : 2;
  }
  constexpr int shared_bytes() const { return !shared ? 0 : minimum ? 4 : 2; }
  constexpr int plane_bytes() const { return bits * 4; }
  constexpr int group_bytes() const { return own_bytes() + plane_bytes(); }
  constexpr int64_t column_bytes(int64_t groups) const {
    return groups * group_bytes() + groups / kSharingGroups * shared_bytes();
  }
};

// The values of IQ4_NL and IQ4_XS, each plus 128.
inline constexpr int kTableOffset = 128;
inline constexpr uint8_t kTable[16] = {1,   24,  45,  63,  79,  93,  106, 118,
                                       129, 141, 153, 166, 181, 197, 217, 241};

constexpr bool is_grouped(WeightType type) { return type >= WeightType::int4; }

constexpr GroupFormat group_format(WeightType type) {
  switch (type) {
    case WeightType::int4:
      return {.bits = 4, .offset = 8};
    case WeightType::q4_1:
      return {.bits = 4, .minimum = true};
    case WeightType::q5_0:
      return {.bits = 5, .offset = 16};
    case WeightType::q5_1:
      return {.bits = 5, .minimum = true};
    case WeightType::q8_0:
      return {.bits = 8, .offset = 128};
    case WeightType::q2_k:
      return {.bits = 2, .minimum = true, .shared = true, .halves = true};
    case WeightType::q3_k:
      return {.bits = 3, .offset = 4, .shared = true, .halves = true};
    case WeightType::q4_k:
      return {.bits = 4, .minimum = true, .shared = true};
    case WeightType::q5_k:
      return {.bits = 5, .minimum = true, .shared = true};
    case WeightType::q6_k:
      return {.bits = 6, .offset = 32, .shared = true, .halves = true};
    case WeightType::iq4_nl:
      return {.bits = 4, .offset = kTableOffset, .table = true};
    case WeightType::iq4_xs:
      return {.bits = 4, .offset = kTableOffset, .table = true, .shared = true};
    case WeightType::float32:
    case WeightType::bfloat16:
    case WeightType::int8:
      break;
  }
  return {};
}

// visit.operator()<type>(): from a type known when the program runs to one known when it is compiled. int4
// stands in for types that are not grouped.
template <class Visit>
auto with_grouped_type(WeightType type, const Visit& visit) {
  switch (type) {
    case WeightType::q4_1:
      return visit.template operator()<WeightType::q4_1>();
    case WeightType::q5_0:
      return visit.template operator()<WeightType::q5_0>();
    case WeightType::q5_1:
      return visit.template operator()<WeightType::q5_1>();
    case WeightType::q8_0:
      return visit.template operator()<WeightType::q8_0>();
    case WeightType::q2_k:
      return visit.template operator()<WeightType::q2_k>();
    case WeightType::q3_k:
      return visit.template operator()<WeightType::q3_k>();
    case WeightType::q4_k:
      return visit.template operator()<WeightType::q4_k>();
    case WeightType::q5_k:
      return visit.template operator()<WeightType::q5_k>();
    case WeightType::q6_k:
      return visit.template operator()<WeightType::q6_k>();
    case WeightType::iq4_nl:
      return visit.template operator()<WeightType::iq4_nl>();
    case WeightType::iq4_xs:
      return visit.template operator()<WeightType::iq4_xs>();
    default:
      return visit.template operator()<WeightType::int4>();
  }
}

}  // namespace millrace::kernels
