#include "models/safetensors.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"
#include "models/mapped_checkpoint.h"
#include "models/safetensors_header.h"

namespace millrace {
namespace {

void add_file(const std::shared_ptr<const MappedFile>& file, MappedCheckpoint::Contents& contents) {
  const std::string path = file->path().string();
  SafetensorsHeader header = read_safetensors_header(file->bytes(), path);
  for (auto& [name, entry] : header.entries) {
    const auto bytes = file->bytes().subspan(header.data_start + entry.begin, entry.end - entry.begin);
    const auto dtype = safetensors_dtype(entry.type);
    StoredTensor tensor{std::move(entry.type), dtype, std::move(entry.shape), bytes, file};
    if (!contents.tensors.try_emplace(name, std::move(tensor)).second)
      fail_at(ErrorKind::model, path, "holds the tensor '{}', which another shard holds too", name);
  }
  contents.metadata.merge(header.metadata);
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.size() <= limits::kFileNameBytes && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\\0", 3)) == name.npos;
}

}  // namespace

std::shared_ptr<const Checkpoint> read_safetensors(const std::shared_ptr<const MappedFile>& file) {
  MappedCheckpoint::Contents contents{file->path().string(), "safetensors", {}, {}};
  add_file(file, contents);
  return std::make_shared<MappedCheckpoint>(std::move(contents));
}

std::shared_ptr<const Checkpoint> read_safetensors_shards(const std::filesystem::path& index) {
  const auto document = read_json(index, ErrorKind::model, limits::kHeaderBytes);
  const std::string where = index.string();
  if (!document.is_object() || !document.contains("weight_map") || !document["weight_map"].is_object())
    fail_at(ErrorKind::model, where, "has no 'weight_map' from tensor names to files");
  const auto& map = document["weight_map"];
  if (map.size() > limits::kTensors)
    fail_at(ErrorKind::model, where, "names more than {} tensors", limits::kTensors);
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : map.items()) {
    if (!shard.is_string() || !is_plain_name(shard.get<std::string>()))
      fail_at(ErrorKind::model, where,
              "gives {} as the file of tensor '{}'; it must be a file's name in the same folder",
              shard.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 300), tensor);
    shards.insert(shard.get<std::string>());
  }
  if (shards.size() > limits::kShards)
    fail_at(ErrorKind::model, where, "names more than {} files", limits::kShards);
  MappedCheckpoint::Contents contents{index.parent_path().string(), "safetensors", {}, {}};
  for (const std::string& shard : shards) {
    const auto path = index.parent_path() / shard;
    if (!path_exists(path))
      fail_at(ErrorKind::model, where, "names the file '{}', which is not there; the download is incomplete",
              shard);
    add_file(MappedFile::open(path), contents);
  }
  for (const auto& [tensor, shard] : map.items()) {
    const auto found = contents.tensors.find(tensor);
    if (found == contents.tensors.end() || found->second.file->path().filename() != shard.get<std::string>())
      fail_at(ErrorKind::model, where, "says that '{}' holds the tensor '{}', which it does not",
              shard.get<std::string>(), tensor);
  }
  return std::make_shared<MappedCheckpoint>(std::move(contents));
}

void write_safetensors(const std::filesystem::path& file, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<const NamedTensors::value_type*> order;
  for (const auto& item : tensors) order.push_back(&item);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return size_of(a->second.dtype()) > size_of(b->second.dtype());
  });
  auto header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const auto* item : order) {
    const auto& [name, tensor] = *item;
    if (name == "__metadata__") fail(ErrorKind::internal, "a tensor may not be called '__metadata__'");
    const uint64_t end = offset + tensor.bytes().size();
    header[name] = {{"dtype", safetensors_name(tensor.dtype())},
                    {"shape", tensor.shape()},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  AtomicFile out(file);
  out.write({reinterpret_cast<const char*>(&length), sizeof length});
  out.write(text);
  for (const auto* item : order) {
    const auto bytes = item->second.bytes();
    out.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  out.commit();
}

}  // namespace millrace
