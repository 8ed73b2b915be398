#pragma once
#include <memory>
#include <typeindex>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "graph/packet_name.h"

namespace millrace {

// What nodes share and the graph knows nothing of (loaded models, cancellation, thread count …), at most one
// of a type. Filled before a graph is built and only read afterwards.
class Resources {
 public:
  template <class T>
  void set(std::shared_ptr<T> value) {
    entries_[typeid(T)] = std::move(value);
  }
  template <class T, class... Args>
  T& emplace(Args&&... args) {
    auto value = std::make_shared<T>(std::forward<Args>(args)...);
    set<T>(value);
    return *value;
  }

  // The one of type T, or null.
  template <class T>
  std::shared_ptr<T> find() const {
    const auto entry = entries_.find(typeid(T));
    return entry == entries_.end() ? nullptr : std::static_pointer_cast<T>(entry->second);
  }
  // The one of type T. None is Error(internal): the program that builds the graph has to provide it.
  template <class T>
  T& get() const {
    const auto entry = entries_.find(typeid(T));
    if (entry == entries_.end())
      fail(ErrorKind::internal, "the graph was built without a {}", PacketName<T>::value);
    return *static_cast<T*>(entry->second.get());
  }

 private:
  std::unordered_map<std::type_index, std::shared_ptr<void>> entries_;
};

}  // namespace millrace
