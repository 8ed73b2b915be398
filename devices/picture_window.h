#pragma once
#include <string>

#include "preprocess/image.h"

namespace millrace {

// A window with one picture. All of its functions are for one thread: the one that made it.
class PictureWindow {
 public:
  // Whether there is a display that windows can be opened on. To be asked before other threads begin: it sets
  // what OpenCV's windows find in the environment.
  static bool possible();

  explicit PictureWindow(std::string title);
  ~PictureWindow();
  PictureWindow(const PictureWindow&) = delete;
  PictureWindow& operator=(const PictureWindow&) = delete;

  void show(const Image& image);
  // Waits so long for what a person does. False once q or Esc was pressed, or the window closed.
  bool wait(int milliseconds);

 private:
  std::string title_;
  bool shown_ = false;
};

}  // namespace millrace
