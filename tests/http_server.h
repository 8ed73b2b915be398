#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace millrace {

// A small HTTP/1.1 server on 127.0.0.1 for tests, one thread and one answer a connection, which can also
// misbehave.
class HttpServer {
 public:
  struct Request {
    std::string method, path;                    // the path without its query
    std::map<std::string, std::string> headers;  // lower-case names
    std::string header(const std::string& name) const {
      const auto found = headers.find(name);
      return found == headers.end() ? "" : found->second;
    }
  };
  struct Answer {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    std::optional<size_t> cut_at = {};  // so many bytes of the body are sent, then the connection ends
    bool stall = false;                 // … or stays open in silence
    std::optional<size_t> claimed_length = {};  // in place of the body's
    std::chrono::milliseconds delay{0};         // before the body's second half
  };
  using Handler = std::function<Answer(const Request&)>;  // called from several threads

  explicit HttpServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no server can be started");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~HttpServer() {
    stopping_ = true;
    acceptor_.join();
    for (std::thread& connection : connections_) connection.join();
    ::close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  // How many requests of `method` there were for paths that end so.
  long count(const std::string& method, const std::string& path_end) const {
    const auto all = requests();
    return std::count_if(all.begin(), all.end(), [&](const Request& one) {
      return one.method == method && one.path.ends_with(path_end);
    });
  }

 private:
  void accept_all() {
    while (!stopping_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection >= 0) connections_.emplace_back([this, connection] { serve(connection); });
    }
  }

  void serve(int connection) {
    std::string text;
    char buffer[4096];
    while (text.find("\r\n\r\n") == std::string::npos) {
      const ssize_t size = ::recv(connection, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      text.append(buffer, static_cast<size_t>(size));
    }
    const Request request = parse(text);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    send_answer(connection, request, handler_(request));
    ::close(connection);
  }

  static Request parse(const std::string& text) {
    Request request;
    const size_t space = text.find(' '), end = text.find_first_of(" ?", space + 1);
    request.method = text.substr(0, space);
    request.path = text.substr(space + 1, end - space - 1);
    for (size_t at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at + 2)) {
      const std::string line = text.substr(at + 2, text.find("\r\n", at + 2) - at - 2);
      const size_t colon = line.find(": ");
      if (colon == std::string::npos) continue;
      std::string name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      request.headers[name] = line.substr(colon + 2);
    }
    return request;
  }

  void send_answer(int connection, const Request& request, const Answer& answer) {
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\nConnection: close\r\n";
    for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
    head +=
        "Content-Length: " + std::to_string(answer.claimed_length.value_or(answer.body.size())) + "\r\n\r\n";
    send_all(connection, head);
    if (request.method == "HEAD") return;
    const std::string body = answer.body.substr(0, answer.cut_at.value_or(std::string::npos));
    send_all(connection, body.substr(0, body.size() / 2));
    std::this_thread::sleep_for(answer.delay);
    send_all(connection, body.substr(body.size() / 2));
    while (answer.stall && !stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  static void send_all(int connection, const std::string& bytes) {
    for (size_t sent = 0; sent < bytes.size();) {
      const ssize_t size = ::send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (size <= 0) return;
      sent += static_cast<size_t>(size);
    }
  }

  Handler handler_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread acceptor_;
  std::vector<std::thread> connections_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
};

}  // namespace millrace
