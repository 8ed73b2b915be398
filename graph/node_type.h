#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/contract.h"
#include "graph/node_form.h"
#include "graph/param_value.h"

namespace millrace {

using Inputs = std::vector<Packet>;    // a packet per input port, empty where there is none
using Emission = std::vector<Packet>;  // a packet per output port, empty where none was emitted

// A constructed node with its types erased: what the runtime calls. Only the functions of its form may be
// called. All are const and may be called from many threads, with different states.
class NodeInstance {
 public:
  using State = std::shared_ptr<void>;

  virtual ~NodeInstance() = default;
  virtual std::vector<Emission> map(std::span<const Inputs> batch) const = 0;  // one each
  virtual std::vector<Emission> expand(const Inputs& inputs) const = 0;
  virtual State begin() const = 0;
  virtual std::vector<Emission> step(State& state, const Inputs& inputs) const = 0;
  virtual std::vector<Emission> flush(State& state) const = 0;
  virtual State begin(const Inputs& inputs) const = 0;
  virtual bool next(State& state, std::vector<Emission>& made) const = 0;
};

struct PortInfo {
  std::string name, help;
  PortRole role = PortRole::required;
  const PacketType* type = nullptr;
};

struct ParamSetting {
  size_t index = 0;  // into NodeType::params
  ParamValue value;  // without a fault_of
};

// A contract at run time.
struct NodeType {
  std::string type, help;
  NodeForm form = NodeForm::map;
  bool blocking = false;
  bool takes_batches = false;  // gains from `batch`
  std::vector<ParamInfo> params;
  std::vector<PortInfo> inputs, outputs;

  // What Params::fault() says of these values together, or empty.
  std::function<std::string(std::span<const ParamSetting>)> fault;
  // Throws what the node's constructor throws.
  std::function<std::unique_ptr<NodeInstance>(std::span<const ParamSetting>, Resources&)> make;
};

}  // namespace millrace
