#pragma once
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>

namespace millrace {

// SHA-256 of bytes, in hexadecimal: what is the same has the same.
std::string content_key(std::span<const std::byte> bytes);

// Results by the content they were computed from; beyond a number of bytes those are forgotten that were not
// asked for the longest. T says its size, bytes(). Thread-safe; two that ask for the same at once may both
// compute it.
template <class T>
class ContentCache {
 public:
  explicit ContentCache(int64_t most_bytes) : most_bytes_(most_bytes) {}

  // Null where there is none.
  std::shared_ptr<const T> find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front().value;
  }

  // What is larger than all of the cache is not kept.
  void add(const std::string& key, std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    if (value->bytes() > most_bytes_ || places_.contains(key)) return;
    bytes_ += value->bytes();
    entries_.push_front({key, std::move(value)});
    places_[key] = entries_.begin();
    while (bytes_ > most_bytes_) {
      bytes_ -= entries_.back().value->bytes();
      places_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const T> value;
  };
  int64_t most_bytes_, bytes_ = 0;
  std::mutex mutex_;
  std::list<Entry> entries_;  // the last asked for first
  std::unordered_map<std::string, typename std::list<Entry>::iterator> places_;
};

}  // namespace millrace
