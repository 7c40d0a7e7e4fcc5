// The JSON files a monitor writes for others to read, and the time as they all write it. Writes JSON, never reads it.
#ifndef LICHEN_REPORT_H
#define LICHEN_REPORT_H

#include "io.h"

// RFC 3339 in UTC with nanoseconds, e.g. 2026-01-31T23:59:59.123456789Z
#define REPORT_TIME_SIZE 31
void report_time(char text[REPORT_TIME_SIZE]);

// text as a JSON string with its quotes; what is not UTF-8 is replaced.
void report_json_string(struct buffer *json, const char *text);
void report_json_text(struct buffer *json, const char *text, size_t size);

struct exit_facts {
  int code;   // 128 + signal when killed
  int signal; // 0: none
  int oom;    // 1, 0, -1 unknown
  char finished_at[REPORT_TIME_SIZE];
};

struct monitor_facts {
  pid_t container;          // 0: between two runs
  uint64_t container_start; // taken while it certainly lived
  const char *started_at;   // NULL: not started yet
  uint64_t restarts;
  const struct exit_facts *last; // how the run before this one ended; NULL: there was none
};

// Appears as monitor.json in run_dirfd. -1 with errno.
int report_monitor(int run_dirfd, const struct monitor_facts *facts);

// Appears as exit.json; sync: also after a power cut. -1 with errno.
int report_exit(int run_dirfd, const struct exit_facts *facts, bool sync);

#endif
