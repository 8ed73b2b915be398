#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "models/store/store_options.h"

namespace millrace {

// What came of one request. A server that was not reached, or that broke off, leaves a `failure`.
struct HttpResult {
  long status = 0;      // of the last answer, after redirects; 0: none came
  std::string failure;  // what went wrong below HTTP, in words; empty: the body came whole
  // Lower-case names. Of several answers in a row of redirects, the last one's; but x-linked-* and
  // x-repo-commit, which the Hub sends with a redirect, are kept.
  std::map<std::string, std::string, std::less<>> headers;
  std::string body;      // of get()
  bool refused = false;  // the failure is that whoever asked did not want what came

  bool ok() const { return failure.empty() && status >= 200 && status < 300; }
  std::string header(std::string_view name) const;  // "" when there is none
  // Worth another attempt: nothing came, too many requests, or the server's own fault.
  bool transient() const {
    return (!failure.empty() && !refused) || status == 408 || status == 429 || status >= 500;
  }
  std::string reason() const;  // "Could not resolve host: …" or "HTTP status 404"
};

// GET and HEAD over http and https with libcurl: redirects followed (never from https to http), the token
// sent to the first host alone, transfers that stall given up. Throws only Error(interrupted) and what a sink
// throws.
class HttpClient {
 public:
  HttpClient(const StoreOptions& options, const CancelToken* cancel) : options_(options), cancel_(cancel) {}

  HttpResult get(const std::string& url, size_t most_bytes) const;
  HttpResult head(const std::string& url) const;

  // Hears of one download's answer.
  struct Sink {
    // The final answer's status and headers, before any byte of a body with status 2xx. Says why the body is
    // not wanted, or "".
    std::function<std::string(const HttpResult&)> begin;
    std::function<void(std::span<const std::byte>)> bytes;
  };
  // The bytes of `url` from `offset` on, if the server can do that: status 206, else 200 and all of them.
  HttpResult download(const std::string& url, uint64_t offset, const Sink& sink) const;

 private:
  const StoreOptions& options_;
  const CancelToken* cancel_;
};

}  // namespace millrace
