// One run of a health check: the runtime's exec with its output and its deadline. Knows nothing of what the result means.
#ifndef LICHEN_CHECK_RUN_H
#define LICHEN_CHECK_RUN_H

#include "child.h"
#include "report.h"
#include "runtime.h"

struct check_run {
  struct child child;   // the runtime; its pid is 0 when no check runs
  int output_fd;        // -1: ended
  struct buffer output; // the first bytes of it
  char began[REPORT_TIME_SIZE];
  int64_t deadline; // by clock_ms()
  bool timed_out;
  bool excused; // by what the container was then
};

#define CHECK_RUN_NONE ((struct check_run){.output_fd = -1})

// -1 with errno: the runtime could not be started.
int check_run_begin(struct check_run *run, const struct runtime *runtime, const struct check *check);

// Takes what is there of the output; limit is of the bytes that are kept.
void check_run_read(struct check_run *run, uint64_t limit);

// Kills the command and all it has started. The child is still to be waited for.
void check_run_kill(struct check_run *run);

// After the child's end: the rest of the output, and its exit code; -1 when it took too long.
int check_run_settle(struct check_run *run, uint64_t limit);

// Forgets it; ready for the next.
void check_run_free(struct check_run *run);

#endif
