#include "models/pytorch_checkpoint.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "base/limits.h"
#include "base/reader.h"
#include "models/mapped_checkpoint.h"
#include "models/pickle.h"
#include "models/stored_zip.h"

namespace millrace {
namespace {

using Kind = PickleValue::Kind;

struct StorageType {
  std::string_view global, name;
  int64_t bytes;
  std::optional<DType> dtype;
};
constexpr StorageType kStorageTypes[] = {
    {"torch.FloatStorage", "float32", 4, DType::float32},
    {"torch.HalfStorage", "float16", 2, DType::float16},
    {"torch.BFloat16Storage", "bfloat16", 2, DType::bfloat16},
    {"torch.DoubleStorage", "float64", 8, std::nullopt},
    {"torch.LongStorage", "int64", 8, DType::int64},
    {"torch.IntStorage", "int32", 4, DType::int32},
    {"torch.ShortStorage", "int16", 2, DType::int16},
    {"torch.CharStorage", "int8", 1, DType::int8},
    {"torch.ByteStorage", "uint8", 1, DType::uint8},
    {"torch.BoolStorage", "bool", 1, DType::boolean},
};
constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor_v2",
                           kRebuildOldTensor = "torch._utils._rebuild_tensor",
                           kRebuildParameter = "torch._utils._rebuild_parameter", kSize = "torch.Size";

std::vector<std::string_view> known_globals() {
  std::vector<std::string_view> names = {"collections.OrderedDict", kRebuildTensor, kRebuildOldTensor,
                                         kRebuildParameter, kSize};
  for (const auto& type : kStorageTypes) names.push_back(type.global);
  return names;
}

// Where the bytes of each storage are.
using Storages = std::map<std::string, std::span<const std::byte>, std::less<>>;

class StateDict {
 public:
  StateDict(std::shared_ptr<const MappedFile> file, const Storages& storages)
      : file_(std::move(file)), storages_(storages) {}

  StoredTensors tensors(const PickleValue& root) {
    add_all(state_dict_in(root));
    if (tensors_.empty()) refuse("holds no tensors by name");
    return without_common_prefix(std::move(tensors_));
  }

 private:
  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail_at(ErrorKind::model, file_->path().string(), "{}", fmt::format(format, std::forward<Args>(args)...));
  }

  static bool is_tensor(const PickleValue& value) {
    return value.kind == Kind::call && (value.text == kRebuildTensor || value.text == kRebuildOldTensor ||
                                        value.text == kRebuildParameter);
  }

  // The mapping of names to tensors: the root, or what a training script keeps beside other things.
  const PickleValue& state_dict_in(const PickleValue& root) const {
    if (root.kind != Kind::mapping)
      refuse("holds no state dict; save one with torch.save(model.state_dict(), …)");
    for (size_t i = 1; i < root.items.size(); i += 2)
      if (is_tensor(*root.items[i])) return root;
    for (const auto* key :
         {"state_dict", "model", "model_state_dict", "state_dict_ema", "model_ema", "net", "teacher"})
      if (const auto* inner = root.find(key); inner != nullptr && inner->kind == Kind::mapping) return *inner;
    return root;
  }

  void add_all(const PickleValue& mapping) {
    for (size_t i = 0; i + 1 < mapping.items.size(); i += 2) {
      const PickleValue &key = *mapping.items[i], &value = *mapping.items[i + 1];
      if (key.kind != Kind::text || !is_tensor(value)) continue;
      if (key.text.size() > limits::kNameBytes || tensors_.size() >= limits::kTensors)
        refuse("has too many names");
      tensors_.insert_or_assign(key.text, stored(key.text, value));
    }
  }

  int64_t whole(const PickleValue& value, const std::string& name) const {
    if (value.kind != Kind::integer || value.integer < 0)
      refuse("the tensor '{}' has no sensible size", name);
    return value.integer;
  }

  Shape sizes(const PickleValue& value, const std::string& name) const {
    const PickleValue& list =
        value.kind == Kind::call && value.text == kSize && value.items.size() == 1 ? *value.items[0] : value;
    if (list.kind != Kind::sequence || list.items.size() > static_cast<size_t>(limits::kRank))
      refuse("the tensor '{}' has no sensible shape", name);
    Shape shape;
    for (const auto* item : list.items) shape.push_back(whole(*item, name));
    return shape;
  }

  StoredTensor stored(const std::string& name, const PickleValue& call) {
    if (call.text == kRebuildParameter) {
      if (call.items.empty() || !is_tensor(*call.items[0]) || call.items[0]->text == kRebuildParameter)
        refuse("the tensor '{}' is a parameter of nothing", name);
      return stored(name, *call.items[0]);
    }
    // storage, offset, shape, strides
    if (call.items.size() < 4) refuse("the tensor '{}' is not whole", name);
    const PickleValue& reference = *call.items[0];
    if (reference.kind != Kind::persistent || reference.items.size() < 5 ||
        reference.items[1]->kind != Kind::global || reference.items[2]->kind != Kind::text)
      refuse("the tensor '{}' has no storage", name);
    const auto* type = std::ranges::find(kStorageTypes, reference.items[1]->text, &StorageType::global);
    if (type == std::end(kStorageTypes)) refuse("the tensor '{}' is of an unknown type", name);
    const auto storage = storages_.find(reference.items[2]->text);
    if (storage == storages_.end()) refuse("the values of the tensor '{}' are missing", name);
    const Shape shape = sizes(*call.items[2], name), strides = sizes(*call.items[3], name);
    const View view{.offset = whole(*call.items[1], name),
                    .shape = shape,
                    .strides = strides,
                    .size = static_cast<size_t>(type->bytes)};
    check_bounds(name, view, storage->second.size());
    StoredTensor result{
        .type = std::string(type->name), .dtype = type->dtype, .shape = shape, .bytes = {}, .file = file_};
    if (in_order(view)) {
      result.bytes = storage->second.subspan(static_cast<size_t>(view.offset) * view.size,
                                             static_cast<size_t>(element_count(shape)) * view.size);
    } else {  // a transposed one, say
      result.file = MappedFile::in_memory(file_->path(), gathered(view, storage->second));
      result.bytes = result.file->bytes();
    }
    return result;
  }

  // Elements of a storage, `size` bytes each.
  struct View {
    int64_t offset = 0;
    Shape shape, strides;
    size_t size = 0;
  };

  void check_bounds(const std::string& name, const View& view, size_t bytes) const {
    if (view.shape.size() != view.strides.size()) refuse("the tensor '{}' has no sensible strides", name);
    const auto has = static_cast<int64_t>(bytes / view.size);
    const int64_t count = element_count(view.shape);
    // The last of its elements, counted in the storage.
    int64_t last = view.offset;
    bool inside = count <= has && view.offset <= has;
    for (size_t i = 0; i < view.shape.size() && count > 0; ++i) {
      inside = inside && (view.shape[i] == 1 || view.strides[i] <= has / (view.shape[i] - 1));
      if (inside) last += (view.shape[i] - 1) * view.strides[i];
      inside = inside && last < has;
    }
    if (!inside || (count > 0 && last >= has))
      refuse(
          "the tensor '{}' of shape {} reaches beyond its storage of {} values; the file is cut short or "
          "damaged",
          name, to_string(view.shape), has);
  }

  static bool in_order(const View& view) {
    int64_t expected = 1;
    for (size_t i = view.shape.size(); i-- > 0;) {
      if (view.shape[i] != 1 && view.strides[i] != expected) return false;
      expected *= std::max<int64_t>(view.shape[i], 1);
    }
    return true;
  }

  std::vector<std::byte> gathered(const View& view, std::span<const std::byte> storage) {
    const auto count = static_cast<size_t>(element_count(view.shape));
    gathered_ += count * view.size;
    if (gathered_ > file_->bytes().size()) refuse("has tensors that share their values in many ways");
    std::vector<std::byte> result(count * view.size);
    std::vector<int64_t> index(view.shape.size(), 0);
    int64_t from = view.offset;
    for (size_t to = 0; to < count; ++to) {
      std::memcpy(result.data() + to * view.size, storage.data() + static_cast<size_t>(from) * view.size,
                  view.size);
      for (size_t axis = index.size(); axis-- > 0;) {
        from += view.strides[axis];
        if (++index[axis] < view.shape[axis]) break;
        from -= view.strides[axis] * view.shape[axis];
        index[axis] = 0;
      }
    }
    return result;
  }

  // "module." of parallel training, "model." of wrappers.
  static StoredTensors without_common_prefix(StoredTensors tensors) {
    for (const std::string_view prefix : {"module.", "_orig_mod."}) {
      if (!std::ranges::all_of(tensors, [&](const auto& entry) { return entry.first.starts_with(prefix); }))
        continue;
      StoredTensors shorter;
      for (auto& [name, tensor] : tensors) shorter.emplace(name.substr(prefix.size()), std::move(tensor));
      tensors = std::move(shorter);
    }
    return tensors;
  }

  std::shared_ptr<const MappedFile> file_;
  const Storages& storages_;
  StoredTensors tensors_;
  size_t gathered_ = 0;  // bytes
};

StoredTensors read_zip(const std::shared_ptr<const MappedFile>& file,
                       std::span<const std::string_view> globals) {
  const auto members = stored_members(*file);
  const auto root =
      std::ranges::find_if(members, [](const auto& member) { return member.first.ends_with("/data.pkl"); });
  if (root == members.end())
    fail_at(ErrorKind::model, file->path().string(),
            "is a zip file, but not one of torch.save: it has no data.pkl");
  const std::string folder = root->first.substr(0, root->first.size() - std::string_view("data.pkl").size());
  if (const auto order = members.find(folder + "byteorder");
      order != members.end() && order->second.size() == 3)
    fail_at(ErrorKind::model, file->path().string(),
            "was written on a big-endian machine, which is not supported");
  Storages storages;
  const std::string data = folder + "data/";
  for (const auto& [name, bytes] : members)
    if (name.starts_with(data)) storages.emplace(name.substr(data.size()), bytes);
  const Pickle pickle = read_pickle(root->second, file->path().string() + ": " + root->first, globals);
  return StateDict(file, storages).tensors(pickle.root());
}

// A storage's type is only in the references to it.
std::map<std::string, int64_t> value_sizes(const Pickle& pickle) {
  std::map<std::string, int64_t> sizes;
  for (const auto& value : pickle.values()) {
    if (value->kind != Kind::persistent || value->items.size() < 5) continue;
    const auto* type = std::ranges::find(kStorageTypes, value->items[1]->text, &StorageType::global);
    if (type != std::end(kStorageTypes)) sizes[value->items[2]->text] = type->bytes;
  }
  return sizes;
}

// A magic number, the protocol, facts of the machine, the object, the storages' names: a pickle each. Then
// each storage: how many values, and they.
StoredTensors read_old(const std::shared_ptr<const MappedFile>& file,
                       std::span<const std::string_view> globals) {
  auto rest = file->bytes();
  const std::string name = file->path().string();
  const auto next = [&] {
    Pickle pickle = read_pickle(rest, name, globals);
    rest = rest.subspan(pickle.bytes());
    return pickle;
  };
  next();
  next();
  const Pickle machine = next();
  if (const auto* little = machine.root().find("little_endian"); little == nullptr || little->integer == 0)
    fail_at(ErrorKind::model, name, "is a pickle, but not one of torch.save");
  const Pickle object = next(), keys = next();
  const auto sizes = value_sizes(object);
  Storages storages;
  Reader reader(rest, name);
  for (const auto* key : keys.root().items) {
    const auto size = sizes.find(key->text);
    if (size == sizes.end())
      fail_at(ErrorKind::model, name, "has the values of a storage '{}' that nothing uses", key->text);
    const auto count = reader.read<uint64_t>("a storage's size");
    if (count > reader.remaining()) reader.take(count, "a storage");
    storages.emplace(key->text, reader.take(count * static_cast<uint64_t>(size->second), "a storage"));
  }
  return StateDict(file, storages).tensors(object.root());
}

}  // namespace

std::filesystem::path find_state_dict(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".pth" || entry.path().extension() == ".pt")
      names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  if (names.empty()) return {};
  if (names.size() > 1)
    fail_at(ErrorKind::model, folder.string(), "holds several state dicts; name one of them: {}",
            fmt::join(names, ", "));
  return folder / names.front();
}

bool is_pytorch(std::span<const std::byte> bytes) {
  constexpr std::array<uint8_t, 4> kZip = {'P', 'K', 3, 4};
  const auto begins = [&](std::span<const uint8_t> with) {
    return bytes.size() >= with.size() &&
           std::ranges::equal(with, bytes.first(with.size()),
                              [](uint8_t a, std::byte b) { return a == std::to_integer<uint8_t>(b); });
  };
  // Protocol 2 and a number of ten bytes.
  constexpr std::array<uint8_t, 4> kPickle = {0x80, 2, 0x8a, 10};
  return begins(kZip) || begins(kPickle);
}

std::shared_ptr<const Checkpoint> read_pytorch(const std::shared_ptr<const MappedFile>& file) {
  const auto globals = known_globals();
  const bool zip = file->bytes().size() > 1 && std::to_integer<char>(file->bytes()[0]) == 'P';
  return std::make_shared<MappedCheckpoint>(
      MappedCheckpoint::Contents{.source = file->path().string(),
                                 .format = "pytorch",
                                 .tensors = zip ? read_zip(file, globals) : read_old(file, globals),
                                 .metadata = {}});
}

}  // namespace millrace
