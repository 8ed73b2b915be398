#pragma once
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "graph/packet_name.h"

namespace millrace {

// What travels along an edge: immutable and shared.
template <class T>
using Ref = std::shared_ptr<const T>;

template <class T>
Ref<T> make_ref(T value) {
  return std::make_shared<const T>(std::move(value));
}

constexpr double kNoTime = std::numeric_limits<double>::quiet_NaN();

// Where in its stream a packet belongs, in seconds; and, of live streams, when the newest of it was captured,
// by the run's StreamClock. Specialise for types that know (captured_at may be left out); others inherit the
// times of the packet they were made from.
template <class T>
struct PacketTime {
  static double seconds(const T&) { return kNoTime; }
};

// One per C++ type that travels: two ports fit when they have the same PacketType (compared by address).
struct PacketType {
  std::string_view name;
  double (*seconds)(const void* value);
  double (*captured_at)(const void* value);
};

template <class T>
double captured_at(const T& value) {
  if constexpr (requires { PacketTime<T>::captured_at(value); })
    return PacketTime<T>::captured_at(value);
  else
    return kNoTime;
}

template <class T>
inline constexpr PacketType kPacketType{
    PacketName<T>::value,
    [](const void* value) { return PacketTime<T>::seconds(*static_cast<const T*>(value)); },
    [](const void* value) { return millrace::captured_at(*static_cast<const T*>(value)); }};

// A Ref whose type is known at run time only. Empty where a port has nothing.
class Packet {
 public:
  Packet() = default;
  template <class T>
  explicit Packet(Ref<T> value)
      : type_(&kPacketType<T>),
        seconds_(value ? type_->seconds(value.get()) : kNoTime),
        captured_at_(value ? type_->captured_at(value.get()) : kNoTime),
        value_(std::move(value)) {}

  template <class T>
  static Packet of(T value) {
    return Packet(Ref<T>(std::make_shared<const T>(std::move(value))));
  }

  explicit operator bool() const { return value_ != nullptr; }
  const PacketType* type() const { return type_; }
  double seconds() const { return seconds_; }  // kNoTime where unknown
  void inherit_seconds(double seconds) {
    if (seconds_ != seconds_) seconds_ = seconds;
  }
  double captured_at() const { return captured_at_; }  // kNoTime where unknown
  void inherit_captured_at(double seconds) {
    if (captured_at_ != captured_at_) captured_at_ = seconds;
  }

  // The value as a T; empty for an empty packet. Another type is Error(internal): the check before the run
  // forbids it.
  template <class T>
  Ref<T> get() const {
    if (!value_) return nullptr;
    if (type_ != &kPacketType<T>)
      fail(ErrorKind::internal, "a packet of {} was read as {}", type_->name, kPacketType<T>.name);
    return std::static_pointer_cast<const T>(value_);
  }

 private:
  const PacketType* type_ = nullptr;
  double seconds_ = kNoTime, captured_at_ = kNoTime;
  std::shared_ptr<const void> value_;
};

}  // namespace millrace
