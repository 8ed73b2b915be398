#pragma once
#include <cstddef>
#include <cstring>

#include "kernels/group_format.h"
#include "kernels/quantised_block.h"

namespace millrace::kernels {

// One panel of a grouped type, read and written value by value: for packing, for single rows and for the
// plain product. See group_format.h for the layout.
template <class Byte>
class GroupedPanel {
 public:
  GroupedPanel(WeightType type, int columns, Byte* panel)
      : format_(group_format(type)), columns_(columns), panel_(panel) {}

  const GroupFormat& format() const { return format_; }

  // Column c's part of group g: one half's or the whole group's scale and minimum are at(…) of that column.
  Byte* group(int64_t g) const {
    const int64_t shares = format_.shared ? g / kSharingGroups + 1 : 0;
    return panel_ + columns_ * (g * format_.group_bytes() + shares * format_.shared_bytes());
  }
  // The float16 scale of group g, its own or shared; the minimum is `columns` further on.
  Byte* halves(int64_t g, int c) const {
    Byte* first = format_.shared
                      ? group(g / kSharingGroups * kSharingGroups) - columns_ * format_.shared_bytes()
                      : group(g);
    return first + c * 2;
  }
  // The own whole-number scale of a half of group g; its minimum is own_minimum().
  Byte* own_scale(int64_t g, int half, int c) const { return group(g) + half * columns_ + c; }
  Byte* own_minimum(int64_t g, int half, int c) const {
    return group(g) + ((format_.halves ? 2 : 1) + half) * columns_ + c;
  }
  // Word i of column c's planes, four bytes.
  Byte* word(int64_t g, int i, int c) const {
    return group(g) + columns_ * format_.own_bytes() + (i * columns_ + c) * 4;
  }

 protected:
  GroupFormat format_;
  int64_t columns_;
  Byte* panel_;
};

class GroupedPanelWriter : public GroupedPanel<std::byte> {
 public:
  using GroupedPanel::GroupedPanel;

  void put_halves(int64_t g, int c, uint16_t scale, uint16_t minimum) const {
    std::memcpy(halves(g, c), &scale, 2);
    if (format_.minimum) std::memcpy(halves(g, c) + columns_ * 2, &minimum, 2);
  }
  void put_own(int64_t g, int half, int c, int8_t scale, uint8_t minimum) const {
    *own_scale(g, half, c) = static_cast<std::byte>(scale);
    if (format_.minimum) *own_minimum(g, half, c) = std::byte{minimum};
  }
  void put_codes(int64_t g, int c, const uint8_t* code) const {
    uint8_t planes[kGroup] = {};
    int lower = 0;  // bits in the planes so far
    uint8_t* plane = planes;
    if (format_.bits == 8) {
      std::memcpy(planes, code, kGroup);
      lower = 8;
    } else if (format_.bits >= 4) {
      for (int i = 0; i < 16; ++i) plane[i] = static_cast<uint8_t>((code[i] & 15) | (code[i + 16] & 15) << 4);
      lower = 4;
      plane += 16;
    }
    if (format_.bits - lower >= 2) {
      for (int i = 0; i < kGroup; ++i) {
        uint8_t& to = plane[i / 16 * 4 + i % 4];
        to = static_cast<uint8_t>(to | (code[i] >> lower & 3) << (2 * (i / 4 % 4)));
      }
      lower += 2;
      plane += 8;
    }
    if (format_.bits - lower == 1) {
      for (int i = 0; i < kGroup; ++i)
        plane[i % 4] = static_cast<uint8_t>(plane[i % 4] | (code[i] >> lower & 1) << (i / 4));
    }
    for (int i = 0; i < format_.bits; ++i) std::memcpy(word(g, i, c), planes + i * 4, 4);
  }
};

class GroupedPanelReader : public GroupedPanel<const std::byte> {
 public:
  using GroupedPanel::GroupedPanel;

  uint16_t scale(int64_t g, int c) const { return half(halves(g, c)); }
  uint16_t minimum(int64_t g, int c) const {
    return format_.minimum ? half(halves(g, c) + columns_ * 2) : uint16_t{0};
  }
  int8_t own_scale_of(int64_t g, int half, int c) const {
    return static_cast<int8_t>(*own_scale(g, half, c));
  }
  uint8_t own_minimum_of(int64_t g, int half, int c) const {
    return format_.minimum ? static_cast<uint8_t>(*own_minimum(g, half, c)) : uint8_t{0};
  }
  // The group's 32 codes, as they are.
  void codes(int64_t g, int c, uint8_t* code) const {
    uint8_t planes[kGroup];
    for (int i = 0; i < format_.bits; ++i) std::memcpy(planes + i * 4, word(g, i, c), 4);
    int lower = 0;
    const uint8_t* plane = planes;
    std::memset(code, 0, kGroup);
    if (format_.bits == 8) {
      std::memcpy(code, planes, kGroup);
      lower = 8;
    } else if (format_.bits >= 4) {
      for (int i = 0; i < kGroup; ++i) code[i] = i < 16 ? plane[i] & 15 : plane[i - 16] >> 4;
      lower = 4;
      plane += 16;
    }
    if (format_.bits - lower >= 2) {
      for (int i = 0; i < kGroup; ++i) {
        const int bits = plane[i / 16 * 4 + i % 4] >> (2 * (i / 4 % 4)) & 3;
        code[i] = static_cast<uint8_t>(code[i] | bits << lower);
      }
      lower += 2;
      plane += 8;
    }
    if (format_.bits - lower == 1) {
      for (int i = 0; i < kGroup; ++i)
        code[i] = static_cast<uint8_t>(code[i] | (plane[i % 4] >> (i / 4) & 1) << lower);
    }
  }

 private:
  static uint16_t half(const std::byte* from) {
    uint16_t value;
    std::memcpy(&value, from, 2);
    return value;
  }
};

}  // namespace millrace::kernels
