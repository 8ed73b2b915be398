#include "tokenizers/tokenizer.h"

#include <filesystem>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"
#include "tokenizers/ranked_vocabulary.h"
#include "tokenizers/tokenizer_config.h"
#include "tokenizers/tokenizer_json.h"
#include "tokenizers/vocabulary_files.h"

namespace millrace {

std::shared_ptr<const Tokenizer> load_tokenizer(const std::string& path) {
  namespace fs = std::filesystem;
  const bool folder = is_folder(path);
  const fs::path file = folder ? fs::path(path) / "tokenizer.json" : fs::path(path);
  const fs::path beside = file.parent_path();
  if (path_exists(file))
    return tokenizer_from_json(read_text(file, ErrorKind::model, limits::kTokenizerBytes), file.string(),
                               read_tokenizer_config(beside));
  if (folder && path_exists(beside / "vocab.json") && path_exists(beside / "merges.txt"))
    return tokenizer_from_vocabulary_files(beside, read_tokenizer_config(beside));
  for (const char* name : {"vocabulary.json", "vocabulary.txt"})
    if (folder && path_exists(beside / name))
      return tokenizer_from_ranked_vocabulary(beside / name, read_tokenizer_config(beside));
  fail_at(ErrorKind::model, path,
          "holds no tokenizer: neither tokenizer.json nor vocab.json with merges.txt nor CTranslate2's "
          "vocabulary.json or vocabulary.txt");
}

}  // namespace millrace
