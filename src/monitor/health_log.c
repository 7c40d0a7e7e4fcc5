// Keeping and writing the results of health checks, see health_log.h.
#include "health_log.h"

#define OUTPUT_LIMIT (64u << 10)
#define LOG_LIMIT (1u << 20) // also for whoever wants to keep all results: they lie in our memory

uint64_t health_log_output_limit(const struct spec *spec) {
  uint64_t size = spec->health_log_size;
  return size == 0 || size > OUTPUT_LIMIT ? OUTPUT_LIMIT : size;
}

const char *health_log_status(enum health_status status) {
  static const char *const names[] = {[HEALTH_STARTING] = "starting", [HEALTH_HEALTHY] = "healthy",
                                      [HEALTH_UNHEALTHY] = "unhealthy"};
  return names[status];
}

static void drop_oldest(struct health *health) {
  const char *newline = memchr(health->log.data, '\n', health->log.length);
  health->log_count--;
  if (newline == NULL) return buffer_free(&health->log);
  buffer_drop_front(&health->log, (size_t)(newline + 1 - health->log.data));
}

// One line each: JSON has no newline of its own.
void health_log_add(struct session *session, int code) {
  struct health *health = &session->health;
  struct buffer *log = &health->log;
  uint64_t most = session->runtime->spec->health_log_count;
  char ended[REPORT_TIME_SIZE];
  report_time(ended);
  if (health->log_count > 0) buffer_append(log, ",\n", 2);
  buffer_printf(log, "{\"start\":\"%s\",\"end\":\"%s\",\"exitCode\":%d,\"output\":", health->run.began, ended, code);
  report_json_text(log, health->run.output.data, health->run.output.length);
  buffer_append(log, "}", 1);
  health->log_count++;
  while (health->log_count > 1 && ((most > 0 && health->log_count > most) || log->length > LOG_LIMIT))
    drop_oldest(health);
}

void health_log_write(const struct session *session) {
  AUTO_BUFFER struct buffer json = {0};
  const struct health *health = &session->health;
  buffer_printf(&json, "{\"schema\":1,\"status\":\"%s\",\"failingStreak\":%llu,\"log\":[",
                health_log_status(health->status), (unsigned long long)health->streak);
  buffer_append(&json, health->log.data, health->log.length);
  buffer_append(&json, "]}\n", 3);
  if (io_replace_file(session->run_dirfd, "health.json", &json, false) < 0)
    warn("write: health.json: %s", strerror(errno));
}
