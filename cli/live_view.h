#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "graph/packet.h"
#include "preprocess/image.h"

namespace millrace::cli {

// A window with the newest of live pictures, and a word in it when none come any more.
class LiveView {
 public:
  // Shows it soon; from any thread.
  void show(Ref<Image> image);
  // Keeps the window until `done`, which is asked some fifty times a second. False: a person closed it, or
  // pressed q or Esc. Windows want one thread: this one, of the process the first.
  bool run(const std::string& title, const std::function<bool()>& done);

 private:
  std::mutex mutex_;
  Ref<Image> newest_;  // not yet shown
};

}  // namespace millrace::cli
