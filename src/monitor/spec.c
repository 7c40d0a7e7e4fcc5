// Reading the monitor's spec file, see spec.h. One table says what each key may hold, where it goes and what it needs.
#include "spec.h"

#include "spec_value.h"

#include <fcntl.h>

#define SPEC_LIMIT (4u << 20)

// WITH_...: one of these keys wants all of its kind.
enum need { ALWAYS, OPTIONAL, LAYERED, FUSE, WITH_ROTATION, WITH_HEALTH, WITH_STARTUP, WITH_EVENTS, WITH_NOTIFY,
            WITH_REMOVE };

#define AT(member) offsetof(struct spec, member)

static const struct key {
  const char *name;
  enum kind kind;
  enum need need;
  size_t offset;
} keys[] = {
    {"schema", KIND_SCHEMA, ALWAYS, 0},
    {"id", KIND_TEXT, ALWAYS, AT(id)},
    {"run_dir", KIND_PATH, ALWAYS, AT(run_dir)},
    {"bundle", KIND_PATH, ALWAYS, AT(bundle)},
    {"storage", KIND_STORAGE, ALWAYS, AT(storage)},
    {"layers_dir", KIND_PATH, LAYERED, AT(layers_dir)},
    {"lower", KIND_NAMES, LAYERED, AT(lower)},
    {"upper", KIND_PATH, LAYERED, AT(upper)},
    {"work", KIND_PATH, LAYERED, AT(work)},
    {"merged", KIND_PATH, ALWAYS, AT(merged)},
    {"volatile", KIND_FLAG, OPTIONAL, AT(is_volatile)},
    {"init", KIND_FLAG, OPTIONAL, AT(only_init)},
    {"upper_owner", KIND_OWNER, OPTIONAL, 0},
    {"fuse_program", KIND_PATH, FUSE, AT(fuse_program)},
    {"read", KIND_PATHS, OPTIONAL, AT(read)},
    {"runtime", KIND_PATH, ALWAYS, AT(runtime)},
    {"runtime_root", KIND_PATH, ALWAYS, AT(runtime_root)},
    {"cgroup_manager", KIND_MANAGER, OPTIONAL, AT(cgroup_manager)},
    {"tty", KIND_FLAG, ALWAYS, AT(tty)},
    {"stdin", KIND_FLAG, ALWAYS, AT(keep_stdin)},
    {"attach", KIND_FLAG, ALWAYS, AT(attach)},
    {"log", KIND_PATH_OR_EMPTY, ALWAYS, AT(log)},
    {"log_max_size", KIND_NUMBER, WITH_ROTATION, AT(log_max_size)},
    {"log_max_files", KIND_NUMBER, WITH_ROTATION, AT(log_max_files)},
    {"journal", KIND_PATH, OPTIONAL, AT(journal)},
    {"journal_field", KIND_FIELDS, OPTIONAL, AT(journal_fields)},
    {"socket", KIND_PATH, ALWAYS, AT(socket)},
    {"stdio_fds", KIND_FLAG, OPTIONAL, AT(stdio_fds)},
    {"preserve_fds", KIND_NUMBER, OPTIONAL, AT(preserve_fds)},
    {"restart", KIND_RESTART, OPTIONAL, AT(restart)},
    {"restart_max", KIND_NUMBER, OPTIONAL, AT(restart_max)},
    {"timeout_ms", KIND_NUMBER, OPTIONAL, AT(timeout)},
    {"stop_signal", KIND_SIGNAL, OPTIONAL, AT(stop_signal)},
    {"stop_timeout_ms", KIND_NUMBER, OPTIONAL, AT(stop_timeout)},
    {"health_process", KIND_PATH, WITH_HEALTH, AT(health.process)},
    {"health_interval_ms", KIND_NUMBER, WITH_HEALTH, AT(health.interval)},
    {"health_timeout_ms", KIND_NUMBER, WITH_HEALTH, AT(health.timeout)},
    {"health_start_period_ms", KIND_NUMBER, WITH_HEALTH, AT(health_start_period)},
    {"health_start_interval_ms", KIND_NUMBER, OPTIONAL, AT(health_start_interval)},
    {"health_retries", KIND_NUMBER, WITH_HEALTH, AT(health.retries)},
    {"health_on_failure", KIND_ON_FAILURE, WITH_HEALTH, AT(on_failure)},
    {"health_log_count", KIND_NUMBER, WITH_HEALTH, AT(health_log_count)},
    {"health_log_size", KIND_NUMBER, WITH_HEALTH, AT(health_log_size)},
    {"startup_process", KIND_PATH, WITH_STARTUP, AT(startup.process)},
    {"startup_interval_ms", KIND_NUMBER, WITH_STARTUP, AT(startup.interval)},
    {"startup_timeout_ms", KIND_NUMBER, WITH_STARTUP, AT(startup.timeout)},
    {"startup_retries", KIND_NUMBER, WITH_STARTUP, AT(startup.retries)},
    {"startup_success", KIND_NUMBER, WITH_STARTUP, AT(startup_success)},
    {"pidfile", KIND_PATH, OPTIONAL, AT(pidfile)},
    {"monitor_pidfile", KIND_PATH, OPTIONAL, AT(monitor_pidfile)},
    {"events", KIND_PATH, WITH_EVENTS, AT(events)},
    {"event_file", KIND_PATH, WITH_EVENTS, AT(event_file)},
    {"cgroup1", KIND_PATHS, OPTIONAL, AT(cgroup1)},
    {"cgroup1_value", KIND_GROUP_VALUES, OPTIONAL, AT(cgroup1_values)},
    {"notify_socket", KIND_ADDRESS, WITH_NOTIFY, AT(notify_socket)},
    {"notify", KIND_NOTIFY, WITH_NOTIFY, AT(notify)},
    {"remove_dir", KIND_PATH, WITH_REMOVE, AT(remove_dir)},
    {"remove_to", KIND_PATH, WITH_REMOVE, AT(remove_to)},
    {"remove_names", KIND_PATH, WITH_REMOVE, AT(remove_names)},
};
#define KEY_COUNT (sizeof keys / sizeof keys[0])

static int refuse(struct buffer *why, const char *key, const char *cause) {
  buffer_printf(why, "%s: %s", key, cause);
  return -1;
}

static int take_word(struct spec *spec, char *word, bool seen[KEY_COUNT], struct buffer *why) {
  char *value = strchr(word, '=');
  if (value == NULL) return refuse(why, word, "not key=value");
  *value++ = '\0';
  const char *cause = NULL;
  int taken = userns_accept(&spec->userns, word, value, &cause);
  if (taken != 0) return taken < 0 ? refuse(why, word, cause) : 0;
  for (size_t index = 0; index < KEY_COUNT; index++) {
    const struct key *key = &keys[index];
    if (strcmp(word, key->name) != 0) continue;
    if (seen[index] && !spec_value_repeats(key->kind)) return refuse(why, word, "given twice");
    seen[index] = true;
    cause = spec_value_take(spec, key->kind, (char *)spec + key->offset, value);
    return cause == NULL ? 0 : refuse(why, word, cause);
  }
  return refuse(why, word, "unknown key");
}

static bool any_seen(enum need need, const bool seen[KEY_COUNT]) {
  for (size_t index = 0; index < KEY_COUNT; index++)
    if (seen[index] && keys[index].need == need) return true;
  return false;
}

static bool is_needed(const struct spec *spec, enum need need, const bool seen[KEY_COUNT]) {
  switch (need) {
  case ALWAYS: return true;
  case OPTIONAL: return false;
  case LAYERED: return spec->storage != STORAGE_DIR;
  case FUSE: return spec->storage == STORAGE_FUSE;
  case WITH_HEALTH: return any_seen(need, seen) || spec->startup.process != NULL;
  default: return any_seen(need, seen);
  }
}

// What the table cannot say.
static int check_between(const struct spec *spec, struct buffer *why) {
  bool stops = spec->on_failure == ON_FAILURE_STOP || spec->on_failure == ON_FAILURE_RESTART || spec->startup.retries > 0;
  if (stops && spec->stop_signal == 0) return refuse(why, "stop_signal", "missing");
  if (spec->health_start_interval != 0 && spec->health.process == NULL) return refuse(why, "health_process", "missing");
  if (spec->journal != NULL && spec->log != NULL) return refuse(why, "journal", "with a log");
  if (spec->stdio_fds && spec->tty) return refuse(why, "stdio_fds", "with a terminal");
  for (size_t index = 0; index < spec->cgroup1_values.count; index++)
    if (strtoull(spec->cgroup1_values.list[index], NULL, 10) >= spec->cgroup1.count)
      return refuse(why, "cgroup1_value", "of no cgroup1");
  return 0;
}

static int check_whole(const struct spec *spec, const bool seen[KEY_COUNT], struct buffer *why) {
  for (size_t index = 0; index < KEY_COUNT; index++)
    if (!seen[index] && is_needed(spec, keys[index].need, seen)) return refuse(why, keys[index].name, "missing");
  const char *missing = userns_missing(&spec->userns);
  return missing != NULL ? refuse(why, missing, "missing") : check_between(spec, why);
}

int spec_read(const char *path, struct spec *spec, struct buffer *why) {
  *spec = (struct spec){0};
  if (io_read_file(AT_FDCWD, path, &spec->text, SPEC_LIMIT) < 0) return refuse(why, path, strerror(errno));
  struct buffer *text = &spec->text;
  if (text->length == 0 || text->data[text->length - 1] != '\0') return refuse(why, path, "truncated");
  bool seen[KEY_COUNT] = {false};
  for (char *word = text->data, *next; word < text->data + text->length; word = next) {
    next = word + strlen(word) + 1; // now: taking a word cuts it at its '=' and its spaces
    if (take_word(spec, word, seen, why) < 0) return -1;
  }
  return check_whole(spec, seen, why);
}
