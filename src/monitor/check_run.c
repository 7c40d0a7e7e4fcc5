// Running one health check, see check_run.h.
#include "check_run.h"

#include "clock.h"
#include "process_tree.h"

#include <fcntl.h>

#define READ_SIZE 4096
#define PIPE_SIZE (64u << 10)

int check_run_begin(struct check_run *run, const struct runtime *runtime, const struct check *check) {
  int ends[2];
  *run = CHECK_RUN_NONE;
  report_time(run->began);
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  AUTO_CLOSE int output = ends[0];
  AUTO_CLOSE int theirs = ends[1];
  fcntl(output, F_SETFL, O_NONBLOCK);
  pid_t pid = runtime_exec(runtime, check->process, theirs);
  if (pid < 0) return -1;
  run->child = (struct child){.pid = pid};
  run->output_fd = io_take(&output);
  run->deadline = clock_ms() + (int64_t)check->timeout;
  return 0;
}

// Bytes taken from the pipe, 0: none there, or no pipe any more.
static size_t take(struct check_run *run, uint64_t limit) {
  char data[READ_SIZE];
  ssize_t got = run->output_fd < 0 ? -1 : RETRY(read(run->output_fd, data, sizeof data));
  if (got < 0) return 0;
  if (got == 0) io_close(&run->output_fd);
  uint64_t room = run->output.length < limit ? limit - run->output.length : 0;
  buffer_append(&run->output, data, (uint64_t)got < room ? (size_t)got : (size_t)room);
  return (size_t)got;
}

void check_run_read(struct check_run *run, uint64_t limit) { take(run, limit); }

void check_run_kill(struct check_run *run) {
  if (run->child.pid > 0 && !run->child.ended) process_tree_kill(run->child.pid);
}

int check_run_settle(struct check_run *run, uint64_t limit) {
  // No more than a pipe holds: the command may have left something behind that writes for ever.
  for (size_t total = 0, got; total < PIPE_SIZE && (got = take(run, limit)) > 0; total += got) continue;
  return run->timed_out ? -1 : process_exit_code(run->child.status);
}

void check_run_free(struct check_run *run) {
  io_close(&run->output_fd);
  buffer_free(&run->output);
  *run = CHECK_RUN_NONE;
}
