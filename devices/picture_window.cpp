#include "devices/picture_window.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <opencv2/core.hpp>
#include <opencv2/highgui.hpp>
#include <opencv2/imgproc.hpp>

#include "preprocess/opencv_setup.h"

namespace millrace {
namespace {

constexpr int kEscape = 27;
constexpr int kSmallest = 480;  // pixels of the window's longer side, for small pictures

// The toolkits end the process when there is no display, so somebody has to knock before. The library is
// theirs: where it is missing they would find no display either.
bool display_answers() {
  if (!std::getenv("DISPLAY")) return false;
  const std::unique_ptr<void, int (*)(void*)> library(dlopen("libxcb.so.1", RTLD_NOW), dlclose);
  if (!library) return false;
  const auto connect = reinterpret_cast<void* (*)(const char*, int*)>(dlsym(library.get(), "xcb_connect"));
  const auto has_error = reinterpret_cast<int (*)(void*)>(dlsym(library.get(), "xcb_connection_has_error"));
  const auto disconnect = reinterpret_cast<void (*)(void*)>(dlsym(library.get(), "xcb_disconnect"));
  if (!connect || !has_error || !disconnect) return false;
  void* connection = connect(nullptr, nullptr);
  const bool answers = has_error(connection) == 0;
  disconnect(connection);
  return answers;
}

}  // namespace

bool PictureWindow::possible() {
  if (!display_answers()) return false;
  // Wayland's desktops answer X, too; and Qt need not say what it thinks of its surroundings.
  setenv("QT_QPA_PLATFORM", "xcb", 0);
  setenv("QT_LOGGING_RULES", "*=false", 0);
  return true;
}

PictureWindow::PictureWindow(std::string title) : title_(std::move(title)) {
  set_up_opencv();
  cv::namedWindow(title_, cv::WINDOW_NORMAL | cv::WINDOW_KEEPRATIO | cv::WINDOW_GUI_NORMAL);
}

PictureWindow::~PictureWindow() {
  try {
    cv::destroyAllWindows();
  } catch (const cv::Exception&) {
  }
}

void PictureWindow::show(const Image& image) {
  cv::Mat frame;
  const cv::Mat pixels(static_cast<int>(image.height), static_cast<int>(image.width), CV_8UC3,
                       const_cast<uint8_t*>(image.pixels.data()));
  cv::cvtColor(pixels, frame, cv::COLOR_RGB2BGR);
  if (!shown_) {
    const double scale = std::max(1., static_cast<double>(kSmallest) / std::max(frame.cols, frame.rows));
    cv::resizeWindow(title_, static_cast<int>(frame.cols * scale), static_cast<int>(frame.rows * scale));
  }
  shown_ = true;
  cv::imshow(title_, frame);
}

bool PictureWindow::wait(int milliseconds) {
  const int key = cv::waitKey(milliseconds) & 0xff;
  if (key == 'q' || key == 'Q' || key == kEscape) return false;
  return cv::getWindowProperty(title_, cv::WND_PROP_VISIBLE) >= 1;
}

}  // namespace millrace
