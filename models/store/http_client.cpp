#include "models/store/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <exception>
#include <memory>
#include <span>

#include "base/error.h"

namespace millrace {
namespace {

// One request under way: what the callbacks need.
struct Transfer {
  CURL* curl = nullptr;
  const CancelToken* cancel = nullptr;
  std::chrono::milliseconds stall_timeout{};
  const HttpClient::Sink* sink = nullptr;  // null: into result.body
  size_t most_bytes = 0;
  HttpResult result = {};
  curl_off_t received = 0;
  std::chrono::steady_clock::time_point last_byte = std::chrono::steady_clock::now();
  std::string stalled = {};
  bool begun = false;
  std::string refused = {};        // why the body was not wanted
  std::exception_ptr thrown = {};  // carried past libcurl's C frames
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n"), end = text.find_last_not_of(" \t\r\n");
  return begin == text.npos ? std::string_view() : text.substr(begin, end - begin + 1);
}

size_t on_header(char* data, size_t, size_t size, void* user) {
  auto& headers = static_cast<Transfer*>(user)->result.headers;
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) {
    std::erase_if(headers, [](const auto& item) {
      return !item.first.starts_with("x-linked-") && item.first != "x-repo-commit";
    });
  } else if (const size_t colon = line.find(':'); colon != line.npos && headers.size() < 200) {
    headers[lower(trimmed(line.substr(0, colon)))] = trimmed(line.substr(colon + 1));
  }
  return size;
}

size_t on_body(char* data, size_t, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    if (transfer.sink == nullptr) {
      if (transfer.result.body.size() + size > transfer.most_bytes) {
        transfer.refused = fmt::format("the answer is longer than {} bytes", transfer.most_bytes);
        return 0;
      }
      transfer.result.body.append(data, size);
      return size;
    }
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &transfer.result.status);
    if (transfer.result.status < 200 || transfer.result.status >= 300)
      return size;  // an error's page; not wanted
    if (!std::exchange(transfer.begun, true)) {
      transfer.refused = transfer.sink->begin(transfer.result);
      if (!transfer.refused.empty()) return 0;
    }
    transfer.sink->bytes({reinterpret_cast<const std::byte*>(data), size});
    return size;
  } catch (...) {
    transfer.thrown = std::current_exception();
    return 0;
  }
}

// Called about once a second at least. (libcurl's own limit is on a mean speed, which what came before keeps
// up for long.)
int on_progress(void* user, curl_off_t, curl_off_t received, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.cancel != nullptr && transfer.cancel->cancelled()) return 1;
  const auto now = std::chrono::steady_clock::now();
  if (received != std::exchange(transfer.received, received)) transfer.last_byte = now;
  if (now - transfer.last_byte < transfer.stall_timeout) return 0;
  transfer.stalled =
      fmt::format("no byte came for {:.0f} s", std::chrono::duration<double>(transfer.stall_timeout).count());
  return 1;
}

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

CurlHandle prepare(const std::string& url, const StoreOptions& options, Transfer& transfer) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CurlHandle handle(curl_easy_init(), curl_easy_cleanup);
  if (ready != CURLE_OK || handle == nullptr) fail(ErrorKind::internal, "libcurl cannot be set up");
  CURL* curl = transfer.curl = handle.get();
  transfer.stall_timeout = options.stall_timeout;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "millrace");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, url.starts_with("https:") ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  if (!options.token.empty()) {  // libcurl sends it to this host alone, not along redirects to others
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, options.token.c_str());
  }
  return handle;
}

HttpResult perform(Transfer& transfer) {
  std::array<char, CURL_ERROR_SIZE> detail{};
  curl_easy_setopt(transfer.curl, CURLOPT_ERRORBUFFER, detail.data());
  const CURLcode code = curl_easy_perform(transfer.curl);
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &transfer.result.status);
  if (transfer.thrown) std::rethrow_exception(transfer.thrown);
  if (transfer.cancel != nullptr) transfer.cancel->check();
  if (!transfer.refused.empty()) {
    transfer.result.failure = transfer.refused;
    transfer.result.refused = true;
  } else if (!transfer.stalled.empty()) {
    transfer.result.failure = transfer.stalled;
  } else if (code != CURLE_OK) {
    transfer.result.failure = detail[0] != '\0' ? detail.data() : curl_easy_strerror(code);
  } else if (transfer.sink != nullptr && transfer.result.ok() && !transfer.begun) {
    transfer.result.failure = transfer.sink->begin(transfer.result);  // an empty body
    transfer.result.refused = !transfer.result.failure.empty();
  }
  return std::move(transfer.result);
}

}  // namespace

std::string HttpResult::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string HttpResult::reason() const {
  return !failure.empty() ? failure : fmt::format("HTTP status {}", status);
}

HttpResult HttpClient::get(const std::string& url, size_t most_bytes) const {
  Transfer transfer{.cancel = cancel_, .most_bytes = most_bytes};
  const CurlHandle handle = prepare(url, options_, transfer);
  curl_easy_setopt(handle.get(), CURLOPT_ACCEPT_ENCODING, "");
  return perform(transfer);
}

HttpResult HttpClient::head(const std::string& url) const {
  Transfer transfer{.cancel = cancel_};
  const CurlHandle handle = prepare(url, options_, transfer);
  curl_easy_setopt(handle.get(), CURLOPT_NOBODY, 1L);
  return perform(transfer);
}

HttpResult HttpClient::download(const std::string& url, uint64_t offset, const Sink& sink) const {
  Transfer transfer{.cancel = cancel_, .sink = &sink};
  const CurlHandle handle = prepare(url, options_, transfer);
  // Asked for as a header: libcurl's own option makes an ignored range an error before we can start over.
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr, curl_slist_free_all);
  if (offset != 0) {
    headers.reset(curl_slist_append(nullptr, fmt::format("Range: bytes={}-", offset).c_str()));
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  }
  return perform(transfer);
}

}  // namespace millrace
