// monitor.json and exit.json, see report.h.
#include "report.h"

#include "process.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>

void report_time(char text[REPORT_TIME_SIZE]) {
  struct timespec now;
  struct tm parts;
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &parts);
  size_t length = strftime(text, REPORT_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
  snprintf(text + length, REPORT_TIME_SIZE - length, ".%09ldZ", now.tv_nsec);
}

void report_json_string(struct buffer *json, const char *text) {
  buffer_append(json, "\"", 1);
  for (; *text != '\0'; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\') buffer_printf(json, "\\%c", byte);
    else if (byte < 0x20) buffer_printf(json, "\\u%04x", byte);
    else buffer_append(json, text, 1);
  }
  buffer_append(json, "\"", 1);
}

int report_monitor(int run_dirfd, const struct monitor_facts *facts) {
  AUTO_BUFFER struct buffer json = {0}, boot_id = {0};
  if (io_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &boot_id, 64) < 0) return -1;
  boot_id.data[strcspn(boot_id.data, "\n")] = '\0';
  buffer_printf(&json, "{\"schema\":1,\"bootId\":\"%s\",\"monitorPid\":%d,\"monitorStart\":%llu,", boot_id.data,
                (int)getpid(), (unsigned long long)process_start_time(getpid()));
  buffer_printf(&json, "\"containerPid\":%d,\"containerStart\":%llu", (int)facts->container,
                (unsigned long long)facts->container_start);
  if (facts->started_at != NULL) buffer_printf(&json, ",\"startedAt\":\"%s\"", facts->started_at);
  buffer_printf(&json, "}\n");
  return io_replace_file(run_dirfd, "monitor.json", &json, false);
}

int report_exit(int run_dirfd, const struct exit_facts *facts, bool sync) {
  AUTO_BUFFER struct buffer json = {0};
  char finished_at[REPORT_TIME_SIZE];
  report_time(finished_at);
  buffer_printf(&json, "{\"schema\":1,\"exitCode\":%d,\"signal\":%d,\"oomKilled\":%s,\"finishedAt\":\"%s\"}\n",
                facts->code, facts->signal, facts->oom < 0 ? "null" : facts->oom > 0 ? "true" : "false", finished_at);
  return io_replace_file(run_dirfd, "exit.json", &json, sync);
}
