#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "models/layers/workspace.h"

namespace millrace {

// The workspaces of a model that serves several threads: each call takes one, and later calls use it again.
class WorkspacePool {
 public:
  class Lease {
   public:
    Lease(WorkspacePool& pool, std::unique_ptr<Workspace> workspace)
        : pool_(pool), workspace_(std::move(workspace)) {}
    ~Lease() {
      const std::lock_guard lock(pool_.mutex_);
      pool_.idle_.push_back(std::move(workspace_));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Workspace& operator*() const { return *workspace_; }

   private:
    WorkspacePool& pool_;
    std::unique_ptr<Workspace> workspace_;
  };

  Lease take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return {*this, std::make_unique<Workspace>()};
    auto workspace = std::move(idle_.back());
    idle_.pop_back();
    return {*this, std::move(workspace)};
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace millrace
