#include "kernels/dispatch.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "base/error.h"
#include "base/suggest.h"
#include "kernels/baseline/baseline.h"
#include "kernels/kernel_table.h"
#if defined(__x86_64__)
#include "kernels/amx/kernels.h"
#endif

namespace millrace::kernels {
namespace {

std::vector<KernelTable> make_tables() {
  std::vector<KernelTable> tables{baseline_table()};
  const auto inherit = [&](const char* name, void (*override_with)(KernelTable&)) {
    KernelTable table = tables.back();
    table.name = name;
    override_with(table);
    tables.push_back(table);
  };
#if defined(__x86_64__)
  // The builtin also asks whether the operating system saves the registers.
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c")) {
    return tables;
  }
  inherit("avx2", override_with_avx2);
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vnni") || !__builtin_cpu_supports("avx512bf16")) {
    return tables;
  }
  inherit("avx512", override_with_avx512);
  if (amx::request_tiles()) inherit("amx", override_with_amx);
#elif defined(__aarch64__)
  inherit("neon", override_with_neon);
#else
  (void)inherit;
#endif
  return tables;
}

const std::vector<KernelTable>& tables() {
  static const std::vector<KernelTable> all = make_tables();
  return all;
}

const KernelTable& find(std::string_view name, std::string_view where) {
  for (const KernelTable& table : tables()) {
    if (name == table.name) return table;
  }
  const std::vector<std::string> names = available_isas();
  std::string list;
  for (const std::string& one : names) list += (list.empty() ? "" : ", ") + one;
  fail_at(ErrorKind::usage, std::string(where),
          "'{}' is no instruction set that this CPU and program have{}; they have {}", name,
          did_you_mean(name, names), list);
}

const KernelTable& chosen_at_start() {
  const char* forced = std::getenv("MILLRACE_ISA");
  return forced != nullptr && *forced != '\0' ? find(forced, "MILLRACE_ISA") : tables().back();
}

std::atomic<const KernelTable*> active{nullptr};

}  // namespace

std::vector<std::string> available_isas() {
  std::vector<std::string> names;
  for (const KernelTable& table : tables()) names.emplace_back(table.name);
  return names;
}

const KernelTable& active_table() {
  const KernelTable* table = active.load(std::memory_order_acquire);
  if (table == nullptr) {
    table = &chosen_at_start();
    active.store(table, std::memory_order_release);
  }
  return *table;
}

std::string_view active_isa() { return active_table().name; }

void select_isa(std::string_view name) { active.store(&find(name, {}), std::memory_order_release); }

}  // namespace millrace::kernels
