// monitor.json and exit.json, see report.h.
#include "report.h"

#include "cgroup_path.h"
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

// How many bytes the character at text has, 0: it is not UTF-8 (RFC 3629).
static size_t character_size(const unsigned char *text, size_t size) {
  if (text[0] < 0x80) return 1;
  size_t length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
  if (text[0] < 0xc2 || text[0] > 0xf4 || length > size) return 0;
  unsigned char least = text[0] == 0xe0 ? 0xa0 : text[0] == 0xf0 ? 0x90 : 0x80;
  unsigned char most = text[0] == 0xed ? 0x9f : text[0] == 0xf4 ? 0x8f : 0xbf;
  if (text[1] < least || text[1] > most) return 0; // longer than needed, a surrogate, or beyond the last character
  for (size_t index = 2; index < length; index++)
    if ((text[index] & 0xc0) != 0x80) return 0;
  return length;
}

void report_json_text(struct buffer *json, const char *text, size_t size) {
  buffer_append(json, "\"", 1);
  for (size_t at = 0, length; at < size; at += length) {
    unsigned char byte = (unsigned char)text[at];
    length = character_size((const unsigned char *)text + at, size - at);
    if (length == 0) buffer_append(json, "\xef\xbf\xbd", 3), length = 1; // U+FFFD
    else if (byte == '"' || byte == '\\') buffer_printf(json, "\\%c", byte);
    else if (byte < 0x20) buffer_printf(json, "\\u%04x", byte);
    else buffer_append(json, text + at, length);
  }
  buffer_append(json, "\"", 1);
}

void report_json_string(struct buffer *json, const char *text) { report_json_text(json, text, strlen(text)); }

static void add_exit(struct buffer *json, const struct exit_facts *facts) {
  buffer_printf(json, "\"exitCode\":%d,\"signal\":%d,\"oomKilled\":%s,\"finishedAt\":\"%s\"}", facts->code, facts->signal,
                facts->oom < 0 ? "null" : facts->oom > 0 ? "true" : "false", facts->finished_at);
}

static void add_cgroup(struct buffer *json, pid_t container) {
  AUTO_FREE char *group = container == 0 ? NULL : cgroup_path_of(container);
  if (group == NULL) return;
  buffer_printf(json, ",\"cgroup\":");
  report_json_string(json, group);
}

static void add_last(struct buffer *json, const struct monitor_facts *facts) {
  if (facts->last == NULL) return;
  if (facts->restarts > 0) buffer_printf(json, ",\"restarts\":%llu", (unsigned long long)facts->restarts);
  buffer_printf(json, ",\"lastExit\":{");
  add_exit(json, facts->last);
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
  add_last(&json, facts);
  add_cgroup(&json, facts->container);
  buffer_printf(&json, "}\n");
  return io_replace_file(run_dirfd, "monitor.json", &json, false);
}

int report_exit(int run_dirfd, const struct exit_facts *facts, bool sync) {
  AUTO_BUFFER struct buffer json = {0};
  buffer_printf(&json, "{\"schema\":1,");
  add_exit(&json, facts);
  buffer_append(&json, "\n", 1);
  return io_replace_file(run_dirfd, "exit.json", &json, sync);
}
