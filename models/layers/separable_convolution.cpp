#include "models/layers/separable_convolution.h"

#include <algorithm>
#include <numeric>

#include "kernels/parallel.h"

namespace millrace {
namespace {

constexpr int64_t kBandFloats = 80 * 1024;  // of what lies between, to stay in the second-level cache
constexpr int64_t kLeastLines = 12;         // of the result that make a thread's share of a picture
constexpr int64_t kLeastRows = 48;          // positions that a layer should see at once

// One thread's way down its share of the lines.
class Band {
 public:
  Band(const SeparableConvolution& layers, const FeatureMap& x, const FeatureMap& y, const float* residual)
      : layers_(layers), x_(x), y_(y), residual_(residual) {
    const int64_t channels = layers.filter->outputs(), stride = layers.filter->stride();
    const int64_t line_in = layers.expand ? x.width * channels : 0;
    const int64_t line_out = layers.project ? y.width * channels : 0;
    const int64_t reach = layers.filter->reach();
    const int64_t most = (kBandFloats - reach * line_in) / std::max<int64_t>(1, stride * line_in + line_out);
    step_ = std::clamp<int64_t>(std::max(most, kLeastRows / y.width), 1, y.height);
    expanded_ = {{nullptr, 0, channels, static_cast<size_t>(channels)}, 1, 0, x.width};
    filtered_ = {{nullptr, 0, channels, static_cast<size_t>(channels)}, 1, 0, y.width};
    capacity_ = std::min(x.height, (step_ - 1) * stride + reach);
  }

  int64_t floats() const { return expanded_floats() + filtered_floats(); }

  void run(float* room, Lines lines) {
    expanded_.rows.data = room;
    filtered_.rows.data = room + expanded_floats();
    held_ = {0, 0};
    for (int64_t first = lines.first; first < lines.last; first += step_)
      run_lines({first, std::min(first + step_, lines.last)});
  }

 private:
  int64_t expanded_floats() const { return layers_.expand ? capacity_ * x_.width * expanded_.channels() : 0; }
  int64_t filtered_floats() const { return layers_.project ? step_ * y_.width * filtered_.channels() : 0; }

  void run_lines(Lines out) {
    FeatureMap seen = x_;
    int64_t seen_first = 0;
    if (layers_.expand != nullptr) {
      seen = expand(layers_.filter->input_lines(out, x_.height));
      seen_first = held_.first;
    }
    const FeatureMap result = y_.lines(out.first, out.count());
    const FeatureMap filtered = layers_.project ? with_lines(filtered_, out.count()) : result;
    layers_.filter->forward_lines(seen, seen_first, x_.height, filtered, out.first);
    const float* residual = residual_ != nullptr ? residual_ + (result.rows.data - y_.rows.data) : nullptr;
    if (layers_.project != nullptr)
      layers_.project->forward_positions(filtered, result, residual);
    else if (residual != nullptr)
      kernels::add(residual, result.rows.count * result.rows.width, result.rows.data);
  }

  // Those lines expanded, the ones that the last call left moved to the front.
  FeatureMap expand(Lines needed) {
    const int64_t line = x_.width * expanded_.channels();
    const int64_t kept = std::max<int64_t>(0, held_.last - needed.first);
    float* room = expanded_.rows.data;
    if (kept > 0) std::copy_n(room + (needed.first - held_.first) * line, kept * line, room);
    const FeatureMap all = with_lines(expanded_, needed.count());
    if (const int64_t fresh = needed.count() - kept; fresh > 0)
      layers_.expand->forward_positions(x_.lines(needed.first + kept, fresh), all.lines(kept, fresh),
                                        nullptr);
    held_ = needed;
    return all;
  }

  static FeatureMap with_lines(FeatureMap map, int64_t lines) {
    map.height = lines;
    map.rows.count = lines * map.width;
    return map;
  }

  const SeparableConvolution& layers_;
  const FeatureMap &x_, &y_;  // of one picture
  const float* residual_;
  int64_t step_ = 1, capacity_ = 0;
  FeatureMap expanded_, filtered_;
  Lines held_;  // the expanded lines in room
};

// Into how many shares a picture is cut, so that all threads have as many.
int64_t shares_of(int64_t images) {
  const int64_t threads = kernels::thread_count();
  return threads / std::gcd(threads, images);
}

}  // namespace

bool SeparableConvolution::suits(const FeatureMap& x) const {
  const int64_t shares = shares_of(x.images);
  return shares == 1 || filter->output_height(x.height) / shares >= kLeastLines;
}

void SeparableConvolution::forward(const FeatureMap& x, const FeatureMap& y, const float* residual,
                                   Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const int64_t shares = shares_of(x.images), threads = kernels::thread_count();
  const int64_t floats = Band(*this, x.of(0), y.of(0), nullptr).floats();
  const Rows room = workspace.rows(threads, std::max<int64_t>(1, floats));
  kernels::parallel_chunks(x.images * shares, [&](int64_t chunk) {
    const kernels::ThreadAlone alone;
    const int64_t image = chunk / shares, share = chunk % shares;
    const FeatureMap own_x = x.of(image), own_y = y.of(image);
    const float* own_residual = residual != nullptr ? residual + (own_y.rows.data - y.rows.data) : nullptr;
    Band(*this, own_x, own_y, own_residual)
        .run(room.row(kernels::thread_index()), {y.height * share / shares, y.height * (share + 1) / shares});
  });
}

}  // namespace millrace
