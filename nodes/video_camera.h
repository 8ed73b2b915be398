#pragma once
#include <memory>
#include <optional>
#include <string>

#include "devices/live_video.h"
#include "devices/stream_account.h"
#include "graph/contract.h"
#include "nodes/image_packets.h"
#include "nodes/packets.h"

namespace millrace {

//   camera: {type: video.camera, inputs: {source: $input}}
struct VideoCamera {
  struct Params {
    double fps = 0;
    int64_t width = 0, height = 0;
  };
  struct In {
    Ref<std::string> source;
  };
  struct Out {
    std::optional<Image> image;
    std::optional<StreamGap> gap;
  };
  // Accounts for its pictures when it ends.
  struct State {
    State(std::unique_ptr<LiveVideo> source, std::shared_ptr<VideoAccount> account)
        : video(std::move(source)), counted(std::move(account)) {}
    State(State&&) = default;
    ~State() {
      if (video && counted) counted->add(video->finish());
    }
    std::unique_ptr<LiveVideo> video;
    std::shared_ptr<VideoAccount> counted;  // null: nobody asks
  };

  static constexpr auto contract = make_contract(
      {.type = "video.camera",
       .help = "What a camera sees now, picture by picture, each at its time; through losses of the camera.",
       .blocking = true},
      params(
          param<&Params::fps>("fps", "pictures a second, at most; 0: as many as come",
                              {.min = 0, .max = 1000}),
          param<&Params::width>("width", "that a camera is asked for; 0: its own", {.min = 0, .max = 16384}),
          param<&Params::height>("height", "that a camera is asked for; 0: its own",
                                 {.min = 0, .max = 16384})),
      inputs(
          port<&In::source>("source",
                            "a camera's number or /dev/videoN, an address (http, rtsp), or a film, which is "
                            "played as if it were seen now")),
      outputs(optional_port<&Out::image>("image", "[height, width, 3] of 8 bits"),
              optional_port<&Out::gap>("gap", "a time without pictures, when it has ended")));

  VideoCamera(const Params& params, Resources& resources);
  State begin(const In& in) const;
  bool next(State& state, Emit<Out>& emit) const;

 private:
  VideoOpener opener_;
  VideoOptions options_;
  std::shared_ptr<VideoAccount> account_;
};

}  // namespace millrace
