#include "models/store/hub_pull.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <fstream>
#include <thread>

#include "models/store/hub_cache.h"
#include "tests/models/fake_hub.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Answer = HttpServer::Answer;
using Request = HttpServer::Request;

bool is_weights(const Request& request) { return request.path.ends_with("/model.safetensors"); }

std::string content(const fs::path& file) { return read_text(file, ErrorKind::io, 1 << 20); }

TEST(HubPull, LaysTheCacheOutAsHuggingFaceDoes) {
  FakeHub hub;
  EXPECT_EQ(hub.pull(), hub.snapshot());
  const fs::path repository = hub.options.hub_cache / "models--org--model";
  EXPECT_EQ(content(repository / "refs" / "main"), FakeHub::kCommit);
  EXPECT_EQ(content(hub.snapshot() / "model.safetensors"), hub.files["model.safetensors"]);
  EXPECT_EQ(fs::read_symlink(hub.snapshot() / "config.json"),
            fs::path("../../blobs") / FakeHub::hash_of("config.json", "{}"));
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(hub.snapshot())) names.push_back(entry.path().filename());
  EXPECT_THAT(names, testing::UnorderedElementsAre("config.json", "model.safetensors", "tokenizer.json",
                                                   "README.md"));
}

TEST(HubPull, FetchesNothingTwice) {
  FakeHub hub;
  hub.pull();
  hub.pull();
  EXPECT_EQ(hub.server.count("GET", "/model.safetensors"), 1);
  EXPECT_EQ(hub.server.count("GET", "/config.json"), 1);
}

TEST(HubPull, AsksForHashesThatTheListLacks) {
  FakeHub hub;
  hub.lists_hashes = false;
  hub.pull();
  EXPECT_EQ(hub.server.count("HEAD", "/model.safetensors"), 1);
  EXPECT_TRUE(fs::exists(hub.blob("model.safetensors")));
}

TEST(HubPull, ReportsProgress) {
  FakeHub hub;
  PullProgress last;
  pull_from_hub("org/model", hub.options, {.progress = [&](const PullProgress& now) {
                  EXPECT_GE(now.bytes, last.bytes);
                  last = now;
                }});
  EXPECT_EQ(last.bytes, last.total);
  EXPECT_GT(last.total, 100'000u);
}

TEST(HubPull, CarriesOnWhereTheConnectionWasCut) {
  FakeHub hub;
  std::atomic<int> cuts = 0;
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request) || cuts++ != 0) return {};
    return Answer{.body = hub.files["model.safetensors"], .cut_at = 60'000};
  };
  hub.pull();
  EXPECT_EQ(content(hub.blob("model.safetensors")), hub.files["model.safetensors"]);
  EXPECT_EQ(hub.server.requests().back().header("range"), "");  // tokenizer.json comes last
  long resumed = 0;
  for (const Request& request : hub.server.requests()) resumed += request.header("range") == "bytes=60000-";
  EXPECT_EQ(resumed, 1);
}

TEST(HubPull, CarriesOnInALaterCall) {
  FakeHub hub;
  hub.options.attempts = 1;
  std::atomic<int> cuts = 0;
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request) || cuts++ != 0) return {};
    return Answer{.body = hub.files["model.safetensors"], .cut_at = 60'000};
  };
  EXPECT_THAT(hub.error(ErrorKind::io), HasSubstr("'model.safetensors' cannot be downloaded: "));
  hub.expect_nothing_looks_whole();
  EXPECT_EQ(fs::file_size(hub.blob("model.safetensors").string() + ".incomplete"), 60'000u);
  hub.pull();
  EXPECT_EQ(content(hub.blob("model.safetensors")), hub.files["model.safetensors"]);
}

TEST(HubPull, StartsOverWhenTheRangeIsIgnored) {
  FakeHub hub;
  std::atomic<int> asked = 0;
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request)) return {};
    Answer whole{.body = hub.files["model.safetensors"]};
    if (asked++ == 0) whole.cut_at = 60'000;
    return whole;
  };
  hub.pull();
  EXPECT_EQ(content(hub.blob("model.safetensors")), hub.files["model.safetensors"]);
  EXPECT_EQ(asked, 2);
}

TEST(HubPull, RefusesAnotherRangeThanItAskedFor) {
  FakeHub hub;
  fs::create_directories(hub.blob("model.safetensors").parent_path());
  std::ofstream(hub.blob("model.safetensors").string() + ".incomplete") << "ww";
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request)) return {};
    return Answer{.status = 206,
                  .headers = {{"Content-Range", "bytes 0-99999/100000"}},
                  .body = hub.files["model.safetensors"]};
  };
  EXPECT_THAT(hub.error(ErrorKind::io),
              HasSubstr("asked for the bytes from 2 on, the server sent 'bytes 0-99999/100000'"));
  hub.expect_nothing_looks_whole();
}

TEST(HubPull, MendsWhatAnEarlierAttemptLeftWrong) {
  for (const std::string& left :
       {std::string(60'000, 'X'), std::string(100'000, 'X'), std::string(100'001, 'w')}) {
    FakeHub hub;
    fs::create_directories(hub.blob("model.safetensors").parent_path());
    std::ofstream(hub.blob("model.safetensors").string() + ".incomplete") << left;
    hub.pull();
    EXPECT_EQ(content(hub.blob("model.safetensors")), hub.files["model.safetensors"]);
  }
}

TEST(HubPull, ThrowsAwayWhatHasTheWrongHash) {
  FakeHub hub;
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request)) return {};
    return Answer{.body = std::string(100'000, 'v')};
  };
  const std::string error = hub.error(ErrorKind::io);
  EXPECT_THAT(error, HasSubstr("/org/model/resolve/"));
  EXPECT_THAT(error, HasSubstr("'model.safetensors' came with the hash "));
  hub.expect_nothing_looks_whole();
  EXPECT_FALSE(fs::exists(hub.blob("model.safetensors").string() + ".incomplete"));
}

TEST(HubPull, RefusesTheWrongLength) {
  for (const size_t length : {99'999u, 100'001u}) {
    FakeHub hub;
    hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
      if (!is_weights(request)) return {};
      return Answer{.body = std::string(length, 'w')};
    };
    EXPECT_THAT(hub.error(ErrorKind::io),
                HasSubstr(fmt::format("the server has {} bytes where 100000 were announced", length)));
    hub.expect_nothing_looks_whole();
  }
}

TEST(HubPull, RefusesAWebPageInstead) {
  FakeHub hub;
  const Answer page{.headers = {{"Content-Type", "text/html; charset=utf-8"}}, .body = "<html>Log in</html>"};
  hub.misbehave = [&](const Request& request) {
    return is_weights(request) ? std::optional(page) : std::nullopt;
  };
  EXPECT_THAT(hub.error(ErrorKind::io), HasSubstr("a web page came instead of the file"));
  hub.expect_nothing_looks_whole();
  hub.misbehave = [&](const Request&) { return page; };
  EXPECT_THAT(hub.error(ErrorKind::io), HasSubstr("what came is no list of files"));
}

TEST(HubPull, GivesUpOnAStalledServer) {
  FakeHub hub;
  hub.options.attempts = 1;
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request)) return {};
    return Answer{.body = hub.files["model.safetensors"], .cut_at = 10, .stall = true};
  };
  EXPECT_THAT(hub.error(ErrorKind::io),
              HasSubstr("'model.safetensors' cannot be downloaded: no byte came for"));
  hub.expect_nothing_looks_whole();
}

TEST(HubPull, TriesAgainAfterAServersFault) {
  for (const int status : {408, 429, 500, 503}) {
    FakeHub hub;
    std::atomic<int> faults = 0;
    hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
      if (!is_weights(request) || faults++ >= 2) return {};
      return Answer{.status = status, .body = "busy"};
    };
    hub.pull();
    EXPECT_EQ(content(hub.blob("model.safetensors")), hub.files["model.safetensors"]);
  }
}

TEST(HubPull, GivesUpOnAServerThatStaysFaulty) {
  FakeHub hub;
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request)) return {};
    return Answer{.status = 500, .body = std::string(100'000, 'w')};
  };
  EXPECT_THAT(hub.error(ErrorKind::io), HasSubstr("HTTP status 500"));
  EXPECT_EQ(hub.server.count("GET", "/model.safetensors"), hub.options.attempts);
  hub.expect_nothing_looks_whole();
}

TEST(HubPull, DoesNotRunInCircles) {
  FakeHub hub;
  hub.options.attempts = 1;
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request)) return {};
    return Answer{.status = 302, .headers = {{"Location", request.path}}};
  };
  EXPECT_THAT(hub.error(ErrorKind::io), HasSubstr("Maximum (10) redirects followed"));
  hub.expect_nothing_looks_whole();
}

TEST(HubPull, FollowsToOtherServersWithoutTheToken) {
  FakeHub hub;
  HttpServer store([&](const Request&) { return Answer{.body = hub.files["model.safetensors"]}; });
  hub.options.token = "hf_secret";
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request)) return {};
    return Answer{.status = 302, .headers = {{"Location", store.url() + "/bucket/x"}}};
  };
  hub.pull();
  EXPECT_EQ(content(hub.blob("model.safetensors")), hub.files["model.safetensors"]);
  EXPECT_EQ(hub.server.requests().front().header("authorization"), "Bearer hf_secret");
  ASSERT_EQ(store.requests().size(), 1u);
  EXPECT_EQ(store.requests().front().header("authorization"), "");
}

TEST(HubPull, TakesHashesFromTheRedirectToTheStore) {
  FakeHub hub;
  hub.lists_hashes = false;
  HttpServer store([&](const Request&) {
    return Answer{.headers = {{"ETag", "\"of-the-store\""}}, .body = hub.files["model.safetensors"]};
  });
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request)) return {};
    return Answer{
        .status = 302,
        .headers = {{"Location", store.url() + "/x"},
                    {"X-Linked-Etag",
                     "\"" + FakeHub::hash_of("model.safetensors", hub.files["model.safetensors"]) + "\""},
                    {"X-Linked-Size", "100000"}}};
  };
  hub.pull();
  EXPECT_TRUE(fs::exists(hub.blob("model.safetensors")));
}

TEST(HubPull, SaysWhatToDoWhenItMayNotRead) {
  FakeHub hub;
  const struct {
    int status;
    std::string code;
    ErrorKind kind;
    std::string message;
  } cases[] = {
      {401, "RepoNotFound", ErrorKind::model,
       "there is no model 'org/model' to be read (HTTP status 401): check its name"},
      {401, "GatedRepo", ErrorKind::model,
       "accept its terms at " + hub.server.url() + "/org/model, then set HF_TOKEN"},
      {403, "", ErrorKind::model, "accept its terms"},
      {404, "RepoNotFound", ErrorKind::model, "there is no model 'org/model' (HTTP status 404)"},
      {404, "RevisionNotFound", ErrorKind::model, "'org/model' has no branch, tag or commit 'main'"},
      {500, "", ErrorKind::io, "the list of files did not come: HTTP status 500"},
  };
  for (const auto& [status, code, kind, message] : cases) {
    hub.misbehave = [&, status = status, code = code](const Request&) {
      return Answer{.status = status, .headers = {{"X-Error-Code", code}}, .body = "{}"};
    };
    EXPECT_THAT(hub.error(kind), HasSubstr(message));
  }
}

TEST(HubPull, SaysThatTheHubCannotBeReached) {
  FakeHub hub;
  hub.options.endpoint = "http://127.0.0.1:1";
  EXPECT_THAT(hub.error(ErrorKind::io), HasSubstr("the Hub cannot be reached (Failed to connect"));
}

TEST(HubPull, RefusesNamesThatLeadOutOfTheFolder) {
  for (const char* name : {"../x.json", "/etc/x.json", "a/../../x.json", "a//x.json", "./x.json", "a\\x.json",
                           "..", "", "a/", "x\n.json"}) {
    FakeHub hub;
    hub.files[name] = "evil";
    EXPECT_THAT(hub.error(ErrorKind::io),
                HasSubstr("which is no file's name in a folder; nothing was downloaded"))
        << name;
    hub.expect_nothing_looks_whole();
    EXPECT_EQ(hub.server.requests().size(), 1u);
  }
}

TEST(HubPull, RefusesListsThatAreNone) {
  for (const std::string body : {"", "{", "[]", "{}", R"({"sha":"../x","siblings":[]})",
                                 R"({"sha":"0123456789abcdef0123456789abcdef01234567"})",
                                 R"({"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[3]})"}) {
    FakeHub hub;
    hub.misbehave = [&](const Request&) { return Answer{.body = body}; };
    hub.error(ErrorKind::io);
    hub.expect_nothing_looks_whole();
  }
}

TEST(HubPull, RefusesAServerWithoutHashes) {
  FakeHub hub;
  hub.lists_hashes = false;
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (request.method != "HEAD") return {};
    return Answer{.headers = {{"ETag", "\"../../evil\""}}, .body = "x"};
  };
  EXPECT_THAT(hub.error(ErrorKind::io), HasSubstr("gives no length and hash (ETag)"));
}

TEST(HubPull, SaysWhenThereAreNoWeights) {
  FakeHub hub;
  hub.files.erase("model.safetensors");
  hub.files.erase("pytorch_model.bin");
  EXPECT_THAT(hub.error(ErrorKind::model), HasSubstr("nor pytorch_model.bin"));
}

TEST(HubPull, ChoosesShardsAndCTranslate2) {
  FakeHub hub;
  hub.files.erase("model.safetensors");
  EXPECT_EQ(content(hub.pull() / "pytorch_model.bin"), "pickle");
  hub.files["model.bin"] = "ct2";
  EXPECT_EQ(content(hub.pull() / "model.bin"), "ct2");
  hub.files["model.safetensors.index.json"] = "{}";
  hub.files["model-00001-of-00001.safetensors"] = "shard";
  EXPECT_EQ(content(hub.pull() / "model-00001-of-00001.safetensors"), "shard");
  EXPECT_EQ(hub.server.count("GET", "/model.bin"), 1);
}

TEST(HubPull, TwoAtOnceFetchEachFileOnce) {
  FakeHub hub;
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request)) return {};
    return Answer{.body = hub.files["model.safetensors"], .delay = std::chrono::milliseconds(200)};
  };
  std::thread other([&] { hub.pull(); });
  hub.pull();
  other.join();
  EXPECT_EQ(content(hub.blob("model.safetensors")), hub.files["model.safetensors"]);
  EXPECT_EQ(hub.server.count("GET", "/model.safetensors"), 1);
}

TEST(HubPull, CanBeInterrupted) {
  FakeHub hub;
  CancelToken cancel;
  hub.misbehave = [&](const Request& request) -> std::optional<Answer> {
    if (!is_weights(request)) return {};
    return Answer{.body = hub.files["model.safetensors"], .cut_at = 50'000, .stall = true};
  };
  try {
    pull_from_hub("org/model", hub.options,
                  {.progress =
                       [&](const PullProgress& now) {
                         if (now.file == "model.safetensors" && now.bytes > 1000) cancel.cancel();
                       },
                   .cancel = &cancel});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::interrupted);
  }
  hub.expect_nothing_looks_whole();
}

TEST(HubPull, SaysWhenTheDiskTakesNoMore) {
  FakeHub hub;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 50'000;
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string error = hub.error(ErrorKind::io);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_THAT(error, HasSubstr(".incomplete: cannot be written: File too large"));
  hub.expect_nothing_looks_whole();
}

}  // namespace
}  // namespace millrace
