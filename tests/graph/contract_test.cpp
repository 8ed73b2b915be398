#include "graph/contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/node_runner.h"
#include "graph/registry.h"
#include "tests/graph/sample_nodes.h"

namespace millrace {
namespace {

using sample::ChangeCase;
using sample::Gather;
using sample::Line;
using sample::Repeat;
using sample::Split;
using sample::Word;

Registry samples() {
  Registry registry;
  registry.add<ChangeCase>();
  registry.add<Split>();
  registry.add<Gather>();
  registry.add<Repeat>();
  return registry;
}

TEST(Contract, ANodeOfEachFormRunsWithoutAGraph) {
  Resources resources;
  EXPECT_EQ(
      run_node(ChangeCase({.prefix = "> "}, resources), {{.word = make_ref(Word{"ab"}), .heading = {}}})[0]
          .word.text,
      "> AB");
  const auto words =
      run_node(Split({}, resources), {{.line = make_ref(Line{"a  b"})}, {.line = make_ref(Line{" c"})}});
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[2].word.text, "c");
  const auto lines = run_node(Gather({.words = 2}, resources),
                              {{make_ref(Word{"a"})}, {make_ref(Word{"b"})}, {make_ref(Word{"c"})}});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].line->text, "a b");
  EXPECT_EQ(lines[1].line->text, "c");
  EXPECT_EQ(lines[2].total, 3);
  EXPECT_EQ(run_node(Repeat({.times = 3}, resources), {{make_ref(std::string("x"))}}).size(), 3u);
}

TEST(Contract, TellsTheFormsApart) {
  const Registry registry = samples();
  EXPECT_EQ(registry.find("text.change_case")->form, NodeForm::map);
  EXPECT_EQ(registry.find("text.split")->form, NodeForm::expand);
  EXPECT_EQ(registry.find("text.gather")->form, NodeForm::stateful);
  EXPECT_EQ(registry.find("text.repeat")->form, NodeForm::generator);
  EXPECT_EQ(registry.find("text.none"), nullptr);
}

TEST(Contract, DescribesParametersAndPorts) {
  const Registry registry = samples();
  const NodeType& change = *registry.find("text.change_case");
  ASSERT_EQ(change.params.size(), 2u);
  EXPECT_EQ(to_string(change.params[0].type), "choice");
  EXPECT_EQ(describe_range(change.params[0]), "upper | lower");
  EXPECT_EQ(to_yaml(change.params[0].default_value), "upper");
  EXPECT_EQ(to_string(change.params[1].type), "string or null");
  EXPECT_EQ(to_yaml(change.params[1].default_value), "null");
  EXPECT_EQ(change.inputs[0].type->name, "sample::Word");
  EXPECT_EQ(change.inputs[1].role, PortRole::optional);
  const NodeType& gather = *registry.find("text.gather");
  EXPECT_EQ(describe_range(gather.params[0]), "1 to 100");
  EXPECT_EQ(gather.outputs[1].type->name, "integer");
  const NodeType& repeat = *registry.find("text.repeat");
  EXPECT_EQ(to_string(repeat.params[1].type), "list of float");
  EXPECT_EQ(to_yaml(repeat.params[1].default_value), "[1.0]");
  EXPECT_EQ(repeat.inputs[0].type->name, "string");
}

TEST(Contract, AnErasedNodeTakesSettingsAndPackets) {
  const Registry registry = samples();
  Resources resources;
  const std::vector<ParamSetting> settings = {{0, {std::string("lower")}}, {1, {std::string("= ")}}};
  const auto node = registry.find("text.change_case")->make(settings, resources);
  const std::vector<Inputs> batch = {{Packet::of(Word{"AB"}), {}},
                                     {Packet::of(Word{"C"}), Packet::of(Line{"H"})}};
  const auto made = node->map(batch);
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[0][0].get<Word>()->text, "= ab");
  EXPECT_EQ(made[1][0].get<Word>()->text, "H= c");
  EXPECT_THROW(made[0][0].get<Line>(), Error);
}

TEST(Contract, ValuesOutsideTheContractAreFaults) {
  const Registry registry = samples();
  const ParamInfo& words = registry.find("text.gather")->params[0];
  EXPECT_EQ(fault_of(words, {int64_t{100}}), "");
  EXPECT_EQ(fault_of(words, {int64_t{101}}), "101 is out of range: 1 to 100 words");
  EXPECT_EQ(fault_of(words, {1.5}), "expected int, got 1.5");
  EXPECT_EQ(fault_of(words, {}), "expected int, got null");
  const ParamInfo& to = registry.find("text.change_case")->params[0];
  EXPECT_EQ(fault_of(to, {std::string("uper")}), "'uper' is none of: upper | lower (did you mean 'upper'?)");
  const ParamInfo& factors = registry.find("text.repeat")->params[1];
  EXPECT_EQ(fault_of(factors, {ParamValue::List{{0.5}, {int64_t{2}}}}), "");
  EXPECT_EQ(fault_of(factors, {ParamValue::List{{0.5}, {-1.0}}}), "-1 is out of range: at least 0");
  EXPECT_EQ(fault_of(factors, {0.5}), "expected list of float, got 0.5");
}

TEST(Contract, ScalarsAreReadByTheContractsType) {
  EXPECT_EQ(parse_scalar({ParamKind::boolean}, "true", false), ParamValue{true});
  EXPECT_EQ(parse_scalar({ParamKind::boolean}, "yes", false), std::nullopt);
  EXPECT_EQ(parse_scalar({ParamKind::boolean}, "true", true), std::nullopt);
  EXPECT_EQ(parse_scalar({ParamKind::integer}, "12", false), ParamValue{int64_t{12}});
  EXPECT_EQ(parse_scalar({ParamKind::integer}, "012x", false), std::nullopt);
  EXPECT_EQ(parse_scalar({ParamKind::integer}, "99999999999999999999", false), std::nullopt);
  EXPECT_EQ(parse_scalar({ParamKind::number}, "1e-3", false), ParamValue{1e-3});
  EXPECT_EQ(parse_scalar({ParamKind::number}, "nan", false), std::nullopt);
  EXPECT_EQ(parse_scalar({ParamKind::text}, "no", false), ParamValue{std::string("no")});
  EXPECT_EQ(parse_scalar({ParamKind::text, false, true}, "null", false), ParamValue{});
  EXPECT_EQ(parse_scalar({ParamKind::text, false, true}, "null", true), ParamValue{std::string("null")});
}

TEST(Contract, ATypeIsRegisteredOnce) {
  Registry registry = samples();
  EXPECT_THROW(registry.add<Split>(), Error);
}

TEST(Contract, FindsANodeThatConverts) {
  const Registry registry = samples();
  EXPECT_EQ(registry.converter(&kPacketType<Line>, &kPacketType<Word>)->type, "text.split");
  EXPECT_EQ(registry.converter(&kPacketType<Line>, &kPacketType<double>), nullptr);
}

TEST(Resources, KeepsOneOfEachType) {
  Resources resources;
  EXPECT_EQ(resources.find<Word>(), nullptr);
  EXPECT_THROW(resources.get<Word>(), Error);
  resources.emplace<Word>(Word{"x"});
  EXPECT_EQ(resources.get<Word>().text, "x");
}

}  // namespace
}  // namespace millrace
