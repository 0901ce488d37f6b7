#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace smelt::state {

/// A forked process that runs `body`, then waits to be killed. The constructor returns when `body` is done.
class ChildProcess {
 public:
  explicit ChildProcess(const std::function<bool()>& body) {
    int ready[2];
    if (pipe(ready) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      const char verdict = body() ? 'y' : 'n';
      if (write(ready[1], &verdict, 1) == 1) {
        while (true) pause();
      }
      _exit(1);
    }
    char verdict = 'n';
    ok_ = read(ready[0], &verdict, 1) == 1 && verdict == 'y';
    close(ready[0]);
    close(ready[1]);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() { Kill(); }

  bool ok() const { return ok_; }
  pid_t pid() const { return pid_; }

  /// Ends it with SIGKILL and waits until it is gone.
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  bool ok_ = false;
};

}  // namespace smelt::state
