// Taking the values of the spec file, see spec_value.h.
#include "spec_value.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
// Larger than any duration or size that means something, small enough that sums of two never overflow.
#define NUMBER_LIMIT (UINT64_C(1) << 53)

bool spec_value_repeats(enum kind kind) {
  return kind == KIND_PATHS || kind == KIND_NAMES || kind == KIND_FIELDS || kind == KIND_GROUP_VALUES;
}

static const char *add_word(struct words *words, char *value) {
  words->list = xrealloc_array(words->list, words->count + 1, sizeof *words->list);
  words->list[words->count++] = value;
  return NULL;
}

// The index of value among names; count when it is none of them.
static size_t find(const char *const *names, size_t count, const char *value) {
  size_t index = 0;
  while (index < count && strcmp(names[index], value) != 0) index++;
  return index;
}

static const char *take_storage(enum storage *storage, const char *value) {
  static const char *const names[] = {[STORAGE_OVERLAY] = "overlay", [STORAGE_FUSE] = "fuse-overlayfs",
                                      [STORAGE_DIR] = "dir"};
  size_t index = find(names, COUNT(names), value);
  *storage = (enum storage)index;
  return index < COUNT(names) ? NULL : "not overlay, fuse-overlayfs or dir";
}

static const char *take_restart(enum restart_policy *policy, const char *value) {
  static const char *const names[] = {[RESTART_NO] = "no", [RESTART_ON_FAILURE] = "on-failure",
                                      [RESTART_ALWAYS] = "always"};
  size_t index = find(names, COUNT(names), value);
  *policy = (enum restart_policy)index;
  return index < COUNT(names) ? NULL : "not no, on-failure or always";
}

static const char *take_on_failure(enum on_failure *action, const char *value) {
  static const char *const names[] = {[ON_FAILURE_NONE] = "none", [ON_FAILURE_KILL] = "kill",
                                      [ON_FAILURE_RESTART] = "restart", [ON_FAILURE_STOP] = "stop"};
  size_t index = find(names, COUNT(names), value);
  *action = (enum on_failure)index;
  return index < COUNT(names) ? NULL : "not none, kill, restart or stop";
}

static const char *take_notify(enum notify *notify, const char *value) {
  static const char *const names[] = {[NOTIFY_STARTED] = "started", [NOTIFY_HEALTHY] = "healthy",
                                      [NOTIFY_CONTAINER] = "container"};
  size_t index = find(names, COUNT(names), value);
  *notify = (enum notify)index;
  return index < COUNT(names) ? NULL : "not started, healthy or container";
}

static const char *take_manager(const char **manager, const char *value) {
  static const char *const names[] = {"cgroupfs", "systemd", "disabled"};
  *manager = value;
  return find(names, COUNT(names), value) < COUNT(names) ? NULL : "not cgroupfs, systemd or disabled";
}

static const char *take_owner(struct spec *spec, char *value) {
  uint64_t uid, gid;
  char *colon = strchr(value, ':');
  if (colon == NULL) return "not UID:GID";
  *colon = '\0';
  if (io_parse_u64(value, UINT32_MAX - 1, &uid) < 0 || io_parse_u64(colon + 1, UINT32_MAX - 1, &gid) < 0)
    return "not UID:GID";
  spec->upper_owned = true;
  spec->upper_uid = (uid_t)uid;
  spec->upper_gid = (gid_t)gid;
  return NULL;
}

static const char *take_flag(bool *flag, const char *value) {
  if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0) return "not 0 or 1";
  *flag = value[0] == '1';
  return NULL;
}

static const char *take_path(const char **path, const char *value) {
  *path = value;
  return value[0] == '/' ? NULL : "not an absolute path";
}

static bool is_field(const char *value) {
  size_t name = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  return name > 0 && value[name] == '=';
}

// INDEX FILE VALUE, the value to the end of the word.
static bool is_group_value(const char *value) {
  size_t digits = strspn(value, "0123456789");
  if (digits == 0 || value[digits] != ' ') return false;
  const char *file = value + digits + 1, *space = strchr(file, ' ');
  return space != NULL && space > file && file[0] != '.' && memchr(file, '/', (size_t)(space - file)) == NULL;
}

// It becomes a word of the runtime's command line, where a leading dash would be an option.
static bool is_name(const char *value) {
  return value[0] != '\0' && value[0] != '-' && value[0] != '.' && strchr(value, '/') == NULL;
}

const char *spec_value_take(struct spec *spec, enum kind kind, void *place, char *value) {
  switch (kind) {
  case KIND_SCHEMA: return strcmp(value, "1") == 0 ? NULL : "not 1";
  case KIND_STORAGE: return take_storage(place, value);
  case KIND_RESTART: return take_restart(place, value);
  case KIND_ON_FAILURE: return take_on_failure(place, value);
  case KIND_NOTIFY: return take_notify(place, value);
  case KIND_MANAGER: return take_manager(place, value);
  case KIND_OWNER: return take_owner(spec, value);
  case KIND_FLAG: return take_flag(place, value);
  case KIND_NUMBER: return io_parse_u64(value, NUMBER_LIMIT, place) < 0 ? "not a number" : NULL;
  case KIND_SIGNAL: return io_parse_u64(value, 64, place) < 0 || value[0] == '0' ? "not a signal's number" : NULL;
  case KIND_TEXT:
    *(const char **)place = value;
    return is_name(value) ? NULL : "not a name";
  case KIND_NAMES: // joined by colons into lowerdir=; fuse-overlayfs knows no way to escape one
    return value[0] != '\0' && strchr(value, ':') == NULL ? add_word(place, value) : "empty or with a colon";
  case KIND_FIELDS: return is_field(value) ? add_word(place, value) : "not NAME=VALUE";
  case KIND_GROUP_VALUES: return is_group_value(value) ? add_word(place, value) : "not INDEX FILE VALUE";
  case KIND_PATHS: return value[0] == '/' ? add_word(place, value) : "not an absolute path";
  case KIND_PATH_OR_EMPTY: return value[0] == '\0' ? NULL : take_path(place, value);
  case KIND_PATH: return take_path(place, value);
  case KIND_ADDRESS: // of a unix socket: @ stands for the abstract ones
    *(const char **)place = value;
    return value[0] == '/' || (value[0] == '@' && value[1] != '\0') ? NULL : "not an absolute path or @NAME";
  }
  return "of no known kind";
}
