#include "models/pickle.h"

#include <algorithm>
#include <map>

#include "base/limits.h"
#include "base/reader.h"

namespace millrace {

using Kind = PickleValue::Kind;

const PickleValue* PickleValue::find(std::string_view key) const {
  if (kind != Kind::mapping) return nullptr;
  for (size_t i = 0; i + 1 < items.size(); i += 2)
    if (items[i]->kind == Kind::text && items[i]->text == key) return items[i + 1];
  return nullptr;
}

// The stack machine that pickles are programs of (Python's pickletools), without the operations that import
// and call.
class PickleReader {
 public:
  PickleReader(std::span<const std::byte> bytes, const std::string& name,
               std::span<const std::string_view> globals)
      : reader_(bytes, name), globals_(globals) {}

  Pickle run() {
    while (!step()) {
    }
    pickle_.root_ = pop();
    pickle_.bytes_ = reader_.position();
    return std::move(pickle_);
  }

 private:
  static constexpr size_t kMostValues = 4u << 20;
  static constexpr size_t kMostArguments = 64;

  [[noreturn]] void refuse(std::string_view why) const {
    fail_at(ErrorKind::model, reader_.place(), "{}", why);
  }

  PickleValue* make(Kind kind) {
    if (pickle_.values_.size() >= kMostValues) refuse("the pickle has too many values");
    pickle_.values_.push_back(std::make_unique<PickleValue>());
    pickle_.values_.back()->kind = kind;
    return pickle_.values_.back().get();
  }
  void push(PickleValue* value) { stack_.push_back(value); }
  void push_integer(int64_t value, Kind kind = Kind::integer) {
    push(make(kind));
    stack_.back()->integer = value;
  }
  void push_text(uint64_t size) {
    push(make(Kind::text));
    stack_.back()->text = reader_.take_text(size, "a text of the pickle");
  }

  PickleValue* top() {
    if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back()))
      refuse("the pickle takes a value that is not there");
    return stack_.back();
  }
  PickleValue* pop() {
    PickleValue* value = top();
    stack_.pop_back();
    return value;
  }
  // What was pushed since the last mark.
  std::vector<const PickleValue*> pop_marked() {
    if (marks_.empty()) refuse("the pickle takes values up to a mark that is not there");
    std::vector<const PickleValue*> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()),
                                          stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  void push_tuple(size_t count) {
    std::vector<const PickleValue*> items(count);
    for (size_t i = count; i-- > 0;) items[i] = pop();
    push(make(Kind::sequence));
    stack_.back()->items = std::move(items);
  }
  void extend(Kind kind, const std::vector<const PickleValue*>& items) {
    PickleValue* to = top();
    if (to->kind != kind || (kind == Kind::mapping && items.size() % 2 != 0))
      refuse("the pickle adds to something that is no list or mapping");
    to->items.insert(to->items.end(), items.begin(), items.end());
  }

  void remember(uint64_t index) {
    if (index >= kMostValues) refuse("the pickle remembers too many values");
    memory_[index] = top();
  }
  void recall(uint64_t index) {
    const auto found = memory_.find(index);
    if (found == memory_.end()) refuse("the pickle recalls a value that it has not remembered");
    push(found->second);
  }

  void push_global(const std::string& name) {
    if (std::ranges::count(globals_, name) == 0)
      refuse(fmt::format("the pickle names '{}', which is not of tensors; nothing of it has been run", name));
    push(make(Kind::global));
    stack_.back()->text = name;
  }
  std::string line() {
    std::string text;
    for (char c; (c = reader_.read<char>("a name")) != '\n';) {
      if (text.size() > limits::kNameBytes) refuse("a name of the pickle is too long");
      text += c;
    }
    return text;
  }

  void call() {
    const PickleValue* arguments = pop();
    const PickleValue* callee = pop();
    if (callee->kind != Kind::global || arguments->kind != Kind::sequence ||
        arguments->items.size() > kMostArguments)
      refuse("the pickle calls something that has no name");
    // An ordered mapping is filled after it was made, as a mapping is.
    const bool mapping = callee->text == "collections.OrderedDict" && arguments->items.empty();
    push(make(mapping ? Kind::mapping : Kind::call));
    stack_.back()->text = callee->text;
    stack_.back()->items = arguments->items;
  }

  // At most 8 bytes of a little-endian number in two's complement.
  int64_t long_integer(size_t size) {
    const auto bytes = reader_.take(size, "a number of the pickle");
    if (size > 8) return -1;  // the magic number of torch.save; nothing else has so many
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) value |= std::to_integer<uint64_t>(bytes[i]) << (8 * i);
    if (size > 0 && size < 8 && (std::to_integer<int>(bytes[size - 1]) & 0x80) != 0)
      value |= ~uint64_t{0} << (8 * size);
    return static_cast<int64_t>(value);
  }

  // True at the end.
  bool step();

  Reader reader_;
  std::span<const std::string_view> globals_;
  Pickle pickle_;
  std::vector<PickleValue*> stack_;
  std::vector<size_t> marks_;
  std::map<uint64_t, PickleValue*> memory_;
};

bool PickleReader::step() {
  const auto operation = reader_.read<uint8_t>("an operation of the pickle");
  switch (operation) {
    case '.':
      return true;
    case 0x80:  // protocol
      if (const auto protocol = reader_.read<uint8_t>("the protocol"); protocol < 2 || protocol > 5)
        refuse(fmt::format("the pickle is of protocol {}, of which 2 to 5 can be read", protocol));
      break;
    case 0x95:  // frame
      reader_.read<uint64_t>("a frame's size");
      break;
    case '(':
      marks_.push_back(stack_.size());
      break;
    case '0':
      pop();
      break;
    case 'N':
      push(make(Kind::none));
      break;
    case 0x88:
    case 0x89:
      push_integer(operation == 0x88 ? 1 : 0, Kind::boolean);
      break;
    case 'J':
      push_integer(reader_.read<int32_t>("a number"));
      break;
    case 'K':
      push_integer(reader_.read<uint8_t>("a number"));
      break;
    case 'M':
      push_integer(reader_.read<uint16_t>("a number"));
      break;
    case 0x8a:
      push_integer(long_integer(reader_.read<uint8_t>("a number's size")));
      break;
    case 'G': {  // big-endian
      auto bits = reader_.read<uint64_t>("a number");
      bits = __builtin_bswap64(bits);
      push(make(Kind::real));
      std::memcpy(&stack_.back()->real, &bits, sizeof bits);
      break;
    }
    case 'X':
    case 'T':
    case 'B':
      push_text(reader_.read<uint32_t>("a text's size"));
      break;
    case 0x8c:
    case 'U':
    case 'C':
      push_text(reader_.read<uint8_t>("a text's size"));
      break;
    case ')':
      push_tuple(0);
      break;
    case 0x85:
    case 0x86:
    case 0x87:
      push_tuple(operation - 0x84u);
      break;
    case 't':
    case 'l': {
      auto items = pop_marked();
      push(make(Kind::sequence));
      stack_.back()->items = std::move(items);
      break;
    }
    case ']':
      push(make(Kind::sequence));
      break;
    case 'a': {
      const PickleValue* item = pop();
      extend(Kind::sequence, {item});
      break;
    }
    case 'e':
      extend(Kind::sequence, pop_marked());
      break;
    case '}':
      push(make(Kind::mapping));
      break;
    case 's': {
      const PickleValue* value = pop();
      const PickleValue* key = pop();
      extend(Kind::mapping, {key, value});
      break;
    }
    case 'u':
      extend(Kind::mapping, pop_marked());
      break;
    case 'q':
      remember(reader_.read<uint8_t>("an index"));
      break;
    case 'r':
      remember(reader_.read<uint32_t>("an index"));
      break;
    case 0x94:
      remember(memory_.size());
      break;
    case 'h':
      recall(reader_.read<uint8_t>("an index"));
      break;
    case 'j':
      recall(reader_.read<uint32_t>("an index"));
      break;
    case 'c': {
      const std::string module = line();
      push_global(module + "." + line());
      break;
    }
    case 0x93: {
      const std::string name = pop()->text, module = pop()->text;
      push_global(module + "." + name);
      break;
    }
    case 'Q': {
      const PickleValue* reference = pop();
      if (reference->items.size() > kMostArguments) refuse("the pickle refers to something too large");
      push(make(Kind::persistent));
      stack_.back()->items = reference->items;
      break;
    }
    case 'R':
      call();
      break;
    case 'b':  // attributes of the object below: torch notes versions there
      pop();
      top();
      break;
    default:
      refuse(fmt::format(
          "the operation 0x{:02x} has no place in a pickle of tensors; nothing of it has been run",
          operation));
  }
  return false;
}

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& name,
                   std::span<const std::string_view> globals) {
  return PickleReader(bytes, name, globals).run();
}

}  // namespace millrace
