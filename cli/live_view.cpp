#include "cli/live_view.h"

#include <fmt/core.h>

#include <chrono>
#include <thread>

#include "devices/picture_window.h"
#include "drawing/live_overlay.h"

namespace millrace::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kLook = 15;         // milliseconds
constexpr double kSilence = 2.5;  // seconds without a picture, after which the window says so

}  // namespace

void LiveView::show(Ref<Image> image) {
  const std::lock_guard lock(mutex_);
  newest_ = std::move(image);
}

bool LiveView::run(const std::string& title, const std::function<bool()>& done) {
  std::optional<PictureWindow> window;  // there is nothing to show before the first picture
  Ref<Image> shown;
  auto shown_at = Clock::now();
  int told = 0;  // seconds of silence
  while (!done()) {
    Ref<Image> next;
    {
      const std::lock_guard lock(mutex_);
      next = std::exchange(newest_, nullptr);
    }
    if (next) {
      if (!window) window.emplace(title);
      window->show(*next);
      shown = next;
      shown_at = Clock::now();
      told = 0;
    } else if (const double silence = std::chrono::duration<double>(Clock::now() - shown_at).count();
               shown && silence > kSilence && static_cast<int>(silence) != told) {
      told = static_cast<int>(silence);
      window->show(draw_notice(*shown, fmt::format("no picture for {} s", told)));
    }
    if (!window)
      std::this_thread::sleep_for(std::chrono::milliseconds(kLook));
    else if (!window->wait(kLook))
      return false;
  }
  return true;
}

}  // namespace millrace::cli
