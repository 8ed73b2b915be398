#include "models/stored_zip.h"

#include <algorithm>

#include "base/limits.h"
#include "base/reader.h"

namespace millrace {
namespace {

constexpr uint32_t kMemberSignature = 0x04034b50, kEntrySignature = 0x02014b50, kEndSignature = 0x06054b50,
                   kEnd64Signature = 0x06064b50;
constexpr size_t kEndBytes = 22, kLocator64Bytes = 20;
constexpr uint16_t kWide = 0xffff;
constexpr uint32_t kWide32 = 0xffffffff;

class ZipReader {
 public:
  explicit ZipReader(const MappedFile& file) : bytes_(file.bytes()), name_(file.path().string()) {}

  std::map<std::string, std::span<const std::byte>, std::less<>> run() {
    find_directory();
    Reader entries = at(directory_, "the table of members");
    for (uint64_t i = 0; i < count_; ++i) add(entries);
    return std::move(members_);
  }

 private:
  Reader at(uint64_t position, std::string_view what) const {
    Reader reader(bytes_, name_);
    reader.take(position, what);
    return reader;
  }

  // The last thing in the file, but for a comment.
  void find_directory() {
    const size_t least = bytes_.size() < kEndBytes + kWide ? 0 : bytes_.size() - kEndBytes - kWide;
    if (bytes_.size() < kEndBytes) fail_at(ErrorKind::model, name_, "is too short for a zip file");
    for (size_t i = bytes_.size() - kEndBytes + 1; i-- > least;) {
      Reader end = at(i, "the end of the table");
      if (end.read<uint32_t>("a signature") != kEndSignature) continue;
      end.take(6, "disks");
      count_ = end.read<uint16_t>("the number of members");
      end.take(4, "the table's size");
      directory_ = end.read<uint32_t>("the table's place");
      if ((count_ == kWide || directory_ == kWide32) && i >= kLocator64Bytes) read_wide_end(i);
      if (count_ > limits::kTensors) fail_at(ErrorKind::model, name_, "has {} members", count_);
      return;
    }
    fail_at(ErrorKind::model, name_,
            "begins as a zip file, but has no table of members; it is cut short or damaged");
  }

  void read_wide_end(size_t end) {
    Reader locator = at(end - kLocator64Bytes + 8, "the place of the wide end");
    Reader wide = at(locator.read<uint64_t>("the place of the wide end"), "the wide end of the table");
    if (wide.read<uint32_t>("a signature") != kEnd64Signature)
      fail_at(ErrorKind::model, wide.place(), "the table's wide end was expected; the file is damaged");
    wide.take(28, "the wide end");
    count_ = wide.read<uint64_t>("the number of members");
    wide.take(8, "the table's size");
    directory_ = wide.read<uint64_t>("the table's place");
  }

  void add(Reader& entries) {
    const std::string place = entries.place();
    if (entries.read<uint32_t>("a member's signature") != kEntrySignature)
      fail_at(ErrorKind::model, place, "a member was expected; the file is damaged");
    entries.take(6, "versions");
    const auto method = entries.read<uint16_t>("a member's method");
    entries.take(8, "a member's time and checksum");
    uint64_t stored = entries.read<uint32_t>("a member's size"),
             size = entries.read<uint32_t>("a member's size");
    const auto name_size = entries.read<uint16_t>("a size"), extra_size = entries.read<uint16_t>("a size"),
               comment_size = entries.read<uint16_t>("a size");
    entries.take(8, "a member's attributes");
    uint64_t position = entries.read<uint32_t>("a member's place");
    std::string name(entries.take_text(name_size, "a member's name"));
    Reader extra(entries.take(extra_size, "a member's extra fields"), name_);
    entries.take(comment_size, "a member's comment");
    while (extra.remaining() >= 4) {  // sizes beyond 32 bits
      const auto kind = extra.read<uint16_t>("a field");
      Reader field(extra.take(extra.read<uint16_t>("a field's size"), "an extra field"), name_);
      if (kind != 1) continue;
      if (size == kWide32) size = field.read<uint64_t>("a member's size");
      if (stored == kWide32) stored = field.read<uint64_t>("a member's size");
      if (position == kWide32) position = field.read<uint64_t>("a member's place");
    }
    if (method != 0 || stored != size)
      fail_at(ErrorKind::model, place, "the member '{}' is compressed, which torch.save never does", name);
    Reader member = at(position, name);
    if (member.read<uint32_t>("a member's signature") != kMemberSignature)
      fail_at(ErrorKind::model, member.place(), "the member '{}' was expected; the file is damaged", name);
    member.take(22, "a member's header");
    const auto own_name = member.read<uint16_t>("a size"), own_extra = member.read<uint16_t>("a size");
    member.take(uint64_t{own_name} + own_extra, "a member's header");
    members_.insert_or_assign(std::move(name), member.take(size, "a member"));
  }

  std::span<const std::byte> bytes_;
  std::string name_;
  uint64_t count_ = 0, directory_ = 0;
  std::map<std::string, std::span<const std::byte>, std::less<>> members_;
};

}  // namespace

std::map<std::string, std::span<const std::byte>, std::less<>> stored_members(const MappedFile& file) {
  return ZipReader(file).run();
}

}  // namespace millrace
