#include "nodes/image_read.h"

#include "preprocess/image_reader.h"

namespace millrace {

ImageRead::State ImageRead::begin(const In& in) const {
  State state{.path = *in.path, .film = nullptr};
  if (FilmReader::is_film(state.path)) state.film = std::make_unique<FilmReader>(state.path, every_);
  return state;
}

bool ImageRead::next(State& state, Emit<Out>& emit) const {
  if (!state.film) {
    emit({.image = read_image(state.path)});
    return false;
  }
  auto image = state.film->next();
  if (image) emit({.image = std::move(*image)});
  return image.has_value();
}

}  // namespace millrace
