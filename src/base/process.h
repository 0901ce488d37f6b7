#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"

namespace smelt {

/// A program to run, and what it may use.
struct ProcessRequest {
  std::vector<std::string> command;      ///< the program, looked up along PATH, and its arguments
  std::vector<std::string> environment;  ///< "NAME=value", on top of this process's own
  std::string folder;                    ///< where it runs; empty: here
  std::string log_path;                  ///< what it writes goes there as well; empty: nowhere
  std::int64_t memory_bytes_max = 0;     ///< of the address space of each of its processes; 0: no limit
  std::size_t tail_bytes = 8'192;        ///< of what it writes last, that are returned
  std::int64_t output_bytes_max = 0;     ///< of what it writes in all; it is ended when it writes more; 0: no limit
  std::int64_t grace_ms = 5'000;         ///< between being asked to end and being killed
  std::stop_token stop;
};

/// How a program ended.
struct ProcessResult {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;
  bool output_exceeded = false;
  std::string tail;  ///< the last of what it wrote, standard output and error as they came
  std::int64_t output_bytes = 0;
  double cpu_seconds = 0;
  std::int64_t memory_bytes_peak = 0;
};

/// Runs a program to its end, with the processes that it starts: none of them outlives the call, nor the death of this
/// process. When `stop` is requested they are asked to end, then killed. Thread-safe.
/// Errors: kCancelled; kStoreNotFound when the program cannot be started; kStoreIo, kStoreDenied for pipes and the log.
Result<ProcessResult> RunProcess(const ProcessRequest& request);

/// Runs a program in `folder` without questions (git asks nobody for passwords) and returns what it wrote to both
/// outputs, up to 64 MiB of it.
/// Errors: those of RunProcess; kStoreIo when it fails, with the last lines that it wrote.
Result<std::string> RunProgram(const std::vector<std::string>& words, const std::string& folder, std::stop_token stop);

}  // namespace smelt
