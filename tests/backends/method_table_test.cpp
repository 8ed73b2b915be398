#include "backends/method_table.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace millrace {
namespace {

MethodTable table() {
  MethodTable table("a_model");
  table.add({.info = {"forward", {"input_ids", "attention_mask"}, {"logits"}},
             .optional = {"attention_mask"},
             .run = [](const NamedTensors& arguments) -> NamedTensors {
               return {{"logits", arguments.at("input_ids")}};
             }});
  return table;
}

std::string message(std::string_view method, const NamedTensors& arguments) {
  try {
    table().run(method, arguments);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return "no error";
}

TEST(MethodTable, RunsAMethodWithoutItsOptionalArguments) {
  const Tensor ids(DType::int64, {2, 3});
  EXPECT_EQ(table().run("forward", {{"input_ids", ids}}).at("logits").shape(), (Shape{2, 3}));
}

TEST(MethodTable, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(message("forwards", {}),
            "a_model: the model has no method 'forwards' (did you mean 'forward'?); it has forward");
  EXPECT_EQ(message("forward", {{"input_id", {}}}),
            "the method 'forward' takes no 'input_id' (did you mean 'input_ids'?); it takes input_ids, "
            "attention_mask");
  EXPECT_EQ(message("forward", {{"attention_mask", {}}}),
            "the method 'forward' needs 'input_ids'; it takes input_ids, attention_mask");
}

}  // namespace
}  // namespace millrace
