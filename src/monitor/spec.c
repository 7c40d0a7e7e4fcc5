// Reading the monitor's spec file, see spec.h. One table says what each key may hold and where it goes.
#include "spec.h"

#include <fcntl.h>

#define SPEC_LIMIT (4u << 20)

enum kind { KIND_SCHEMA, KIND_TEXT, KIND_PATH, KIND_PATH_OR_EMPTY, KIND_FLAG, KIND_STORAGE, KIND_MANAGER, KIND_OWNER,
            KIND_PATHS, KIND_NAMES };

enum need { ALWAYS, OPTIONAL, LAYERED, FUSE };

static const struct key {
  const char *name;
  enum kind kind;
  enum need need;
  size_t offset;
} keys[] = {
    {"schema", KIND_SCHEMA, ALWAYS, 0},
    {"id", KIND_TEXT, ALWAYS, offsetof(struct spec, id)},
    {"run_dir", KIND_PATH, ALWAYS, offsetof(struct spec, run_dir)},
    {"bundle", KIND_PATH, ALWAYS, offsetof(struct spec, bundle)},
    {"storage", KIND_STORAGE, ALWAYS, offsetof(struct spec, storage)},
    {"layers_dir", KIND_PATH, LAYERED, offsetof(struct spec, layers_dir)},
    {"lower", KIND_NAMES, LAYERED, offsetof(struct spec, lower)},
    {"upper", KIND_PATH, LAYERED, offsetof(struct spec, upper)},
    {"work", KIND_PATH, LAYERED, offsetof(struct spec, work)},
    {"merged", KIND_PATH, ALWAYS, offsetof(struct spec, merged)},
    {"volatile", KIND_FLAG, OPTIONAL, offsetof(struct spec, is_volatile)},
    {"upper_owner", KIND_OWNER, OPTIONAL, 0},
    {"fuse_program", KIND_PATH, FUSE, offsetof(struct spec, fuse_program)},
    {"read", KIND_PATHS, OPTIONAL, offsetof(struct spec, read)},
    {"runtime", KIND_PATH, ALWAYS, offsetof(struct spec, runtime)},
    {"runtime_root", KIND_PATH, ALWAYS, offsetof(struct spec, runtime_root)},
    {"cgroup_manager", KIND_MANAGER, OPTIONAL, offsetof(struct spec, cgroup_manager)},
    {"tty", KIND_FLAG, ALWAYS, offsetof(struct spec, tty)},
    {"stdin", KIND_FLAG, ALWAYS, offsetof(struct spec, keep_stdin)},
    {"attach", KIND_FLAG, ALWAYS, offsetof(struct spec, attach)},
    {"log", KIND_PATH_OR_EMPTY, ALWAYS, offsetof(struct spec, log)},
    {"socket", KIND_PATH, ALWAYS, offsetof(struct spec, socket)},
    {"remove_dir", KIND_PATH, OPTIONAL, offsetof(struct spec, remove_dir)},
    {"remove_to", KIND_PATH, OPTIONAL, offsetof(struct spec, remove_to)},
    {"remove_name", KIND_PATH, OPTIONAL, offsetof(struct spec, remove_name)},
};
#define KEY_COUNT (sizeof keys / sizeof keys[0])

static void add_word(struct words *words, char *value) {
  words->list = xrealloc_array(words->list, words->count + 1, sizeof *words->list);
  words->list[words->count++] = value;
}

static const char *take_storage(enum storage *storage, const char *value) {
  static const char *const names[] = {[STORAGE_OVERLAY] = "overlay", [STORAGE_FUSE] = "fuse-overlayfs",
                                      [STORAGE_DIR] = "dir"};
  for (size_t index = 0; index < sizeof names / sizeof names[0]; index++)
    if (strcmp(value, names[index]) == 0) return *storage = (enum storage)index, NULL;
  return "not overlay, fuse-overlayfs or dir";
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

static const char *take_manager(const char **manager, const char *value) {
  *manager = value;
  bool known = strcmp(value, "cgroupfs") == 0 || strcmp(value, "systemd") == 0 || strcmp(value, "disabled") == 0;
  return known ? NULL : "not cgroupfs, systemd or disabled";
}

// What is wrong with the value, or NULL when it was taken.
static const char *take_value(struct spec *spec, const struct key *key, char *value) {
  void *place = (char *)spec + key->offset;
  switch (key->kind) {
  case KIND_SCHEMA: return strcmp(value, "1") == 0 ? NULL : "not 1";
  case KIND_STORAGE: return take_storage(place, value);
  case KIND_OWNER: return take_owner(spec, value);
  case KIND_MANAGER: return take_manager(place, value);
  case KIND_FLAG:
    if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0) return "not 0 or 1";
    *(bool *)place = value[0] == '1';
    return NULL;
  case KIND_TEXT:
    // It becomes a word of the runtime's command line, where a leading dash would be an option.
    if (value[0] == '\0' || value[0] == '-' || value[0] == '.' || strchr(value, '/') != NULL) return "not a name";
    *(const char **)place = value;
    return NULL;
  case KIND_NAMES:
    // Joined by colons into lowerdir=; fuse-overlayfs knows no way to escape one.
    if (value[0] == '\0' || strchr(value, ':') != NULL) return "empty or with a colon";
    add_word(place, value);
    return NULL;
  case KIND_PATHS:
    if (value[0] != '/') return "not an absolute path";
    add_word(place, value);
    return NULL;
  case KIND_PATH_OR_EMPTY:
    if (value[0] == '\0') return NULL;
    break;
  case KIND_PATH: break;
  }
  if (value[0] != '/') return "not an absolute path";
  *(const char **)place = value;
  return NULL;
}

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
    bool repeats = key->kind == KIND_NAMES || key->kind == KIND_PATHS;
    if (seen[index] && !repeats) return refuse(why, word, "given twice");
    seen[index] = true;
    cause = take_value(spec, key, value);
    return cause == NULL ? 0 : refuse(why, word, cause);
  }
  return refuse(why, word, "unknown key");
}

static bool is_needed(const struct spec *spec, enum need need) {
  switch (need) {
  case ALWAYS: return true;
  case LAYERED: return spec->storage != STORAGE_DIR;
  case FUSE: return spec->storage == STORAGE_FUSE;
  case OPTIONAL: break;
  }
  return false;
}

static int check_whole(const struct spec *spec, const bool seen[KEY_COUNT], struct buffer *why) {
  for (size_t index = 0; index < KEY_COUNT; index++)
    if (!seen[index] && is_needed(spec, keys[index].need)) return refuse(why, keys[index].name, "missing");
  const char *missing = userns_missing(&spec->userns);
  if (missing != NULL) return refuse(why, missing, "missing");
  bool any = spec->remove_dir != NULL || spec->remove_to != NULL || spec->remove_name != NULL;
  if (any && spec->remove_dir == NULL) return refuse(why, "remove_dir", "missing");
  if (any && spec->remove_to == NULL) return refuse(why, "remove_to", "missing");
  if (any && spec->remove_name == NULL) return refuse(why, "remove_name", "missing");
  return 0;
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
