// `mounted`: what the monitor would mount for a container, for as long as one command runs (PROTOCOL.md). Under the lock
// of the container's directory, as the monitor: the same upper directory must never be mounted twice.
#include "mounted.h"

#include "in_root.h"
#include "process.h"
#include "rootfs.h"
#include "safe_path.h"
#include "spec_value.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

struct bind {
  const char *source, *at;
  bool is_read_only;
};

struct mounted {
  struct spec spec;
  struct bind *binds;
  size_t bind_count;
};

static const struct key {
  const char *name;
  enum kind kind;
  size_t offset;
} keys[] = {
    {"bundle", KIND_PATH, offsetof(struct spec, bundle)},
    {"storage", KIND_STORAGE, offsetof(struct spec, storage)},
    {"layers_dir", KIND_PATH, offsetof(struct spec, layers_dir)},
    {"lower", KIND_NAMES, offsetof(struct spec, lower)},
    {"upper", KIND_PATH, offsetof(struct spec, upper)},
    {"work", KIND_PATH, offsetof(struct spec, work)},
    {"merged", KIND_PATH, offsetof(struct spec, merged)},
    {"upper_owner", KIND_OWNER, 0},
    {"fuse_program", KIND_PATH, offsetof(struct spec, fuse_program)},
};

static void take_bind(struct mounted *mounted, const char *key, char *value) {
  bool is_source = strcmp(key, "at") != 0;
  size_t count = mounted->bind_count;
  bool is_open = count > 0 && mounted->binds[count - 1].at == NULL;
  if (is_source == is_open) die(CODE_USAGE, "mounted: %s: each bind needs an at", key);
  if (!is_source) {
    mounted->binds[count - 1].at = value;
    return;
  }
  mounted->binds = xrealloc_array(mounted->binds, count + 1, sizeof *mounted->binds);
  mounted->binds[mounted->bind_count++] = (struct bind){.source = value, .is_read_only = strcmp(key, "bind_ro") == 0};
}

static void take_word(struct mounted *mounted, char *word) {
  char *value = strchr(word, '=');
  if (value == NULL) die(CODE_USAGE, "mounted: %s: want KEY=VALUE", word);
  *value++ = '\0';
  if (strcmp(word, "bind") == 0 || strcmp(word, "bind_ro") == 0 || strcmp(word, "at") == 0) {
    take_bind(mounted, word, value);
    return;
  }
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (strcmp(word, keys[i].name) != 0) continue;
    const char *cause = spec_value_take(&mounted->spec, keys[i].kind, (char *)&mounted->spec + keys[i].offset, value);
    if (cause != NULL) die(CODE_USAGE, "mounted: %s: %s", word, cause);
    return;
  }
  die(CODE_USAGE, "mounted: %s: unknown key", word);
}

static char **parse(struct mounted *mounted, char **word) {
  for (; *word != NULL && strcmp(*word, "--") != 0; word++) take_word(mounted, *word);
  if (*word == NULL || word[1] == NULL) die(CODE_USAGE, "mounted: --: no command");
  const struct spec *spec = &mounted->spec;
  bool has_layers = spec->layers_dir != NULL && spec->lower.count > 0 && spec->upper != NULL && spec->work != NULL;
  bool has_fuse = spec->storage != STORAGE_FUSE || spec->fuse_program != NULL;
  bool is_whole = spec->bundle != NULL && spec->merged != NULL &&
                  (spec->storage == STORAGE_DIR || (has_layers && has_fuse));
  if (!is_whole) die(CODE_USAGE, "mounted: a key is missing");
  return word + 1;
}

// Held until the command has ended: it inherits the descriptor.
static void lock(const char *bundle) {
  int fd = open(bundle, O_RDONLY | O_DIRECTORY);
  if (fd < 0) die(CODE_HOST, "mounted: %s: %s", bundle, strerror(errno));
  if (flock(fd, LOCK_EX | LOCK_NB) < 0) die(CODE_INPUT, "mounted: %s: busy", bundle);
}

// Where something can be mounted on, made when it is missing, as the runtime makes it.
static int open_mount_point(struct safe_root *root, const char *at, bool is_directory) {
  AUTO_FREE char *name = xstrdup(at);
  const char *base;
  if (safe_normalize(name) != NULL) return -1;
  int parent = safe_parent(root, name, true, &base);
  if (parent < 0) return -1;
  int found = in_root_open(root->fd, at, O_PATH);
  if (found >= 0 || errno != ENOENT) return found;
  if (is_directory) {
    if (mkdirat(parent, base, 0755) < 0) return -1;
  } else {
    AUTO_CLOSE int made = openat(parent, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (made < 0) return -1;
  }
  return in_root_open(root->fd, at, O_PATH);
}

// What is mounted below it stays as it is. Flags that the mount has already may be locked, so they are said again.
static int make_read_only(struct safe_root *root, const char *at) {
  char path[40];
  struct statvfs about;
  AUTO_CLOSE int fd = in_root_open(root->fd, at, O_PATH); // anew: the descriptor of before is below the mount
  if (fd < 0 || fstatvfs(fd, &about) < 0) return -1;
  unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY;
  if (about.f_flag & ST_NOSUID) flags |= MS_NOSUID;
  if (about.f_flag & ST_NODEV) flags |= MS_NODEV;
  if (about.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
  if (about.f_flag & ST_NOATIME) flags |= MS_NOATIME;
  if (about.f_flag & ST_RELATIME) flags |= MS_RELATIME;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return mount(NULL, path, NULL, flags, NULL);
}

static void bind(struct safe_root *root, const struct bind *bind) {
  struct stat status;
  char from[40], to[40];
  AUTO_CLOSE int source = open(bind->source, O_PATH | O_CLOEXEC);
  if (source < 0 || fstat(source, &status) < 0) {
    if (source < 0 && errno == ENOENT) return; // the container could not be started either
    die(CODE_HOST, "mounted: %s: %s", bind->source, strerror(errno));
  }
  AUTO_CLOSE int target = open_mount_point(root, bind->at, S_ISDIR(status.st_mode));
  snprintf(from, sizeof from, "/proc/self/fd/%d", source);
  snprintf(to, sizeof to, "/proc/self/fd/%d", target);
  if (target < 0 || mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0)
    die(CODE_HOST, "mounted: %s: %s", bind->at, strerror(errno));
  if (bind->is_read_only && make_read_only(root, bind->at) < 0)
    die(CODE_HOST, "mounted: %s: make read-only: %s", bind->at, strerror(errno));
  safe_forget(root);
}

int mounted_main(int argc, char **argv) {
  struct mounted mounted = {0};
  struct rootfs rootfs = {0};
  struct safe_root root;
  AUTO_BUFFER struct buffer why = {0};
  (void)argc;
  char **command = parse(&mounted, argv + 1);
  lock(mounted.spec.bundle);
  umask(0);
  if (rootfs_unshare_mounts(&why) < 0 || rootfs_mount(&mounted.spec, &rootfs, &why) < 0)
    die(CODE_HOST, "mounted: %s", why.data);
  if (safe_open(&root, mounted.spec.merged) < 0)
    die(CODE_HOST, "mounted: %s: %s", mounted.spec.merged, strerror(errno));
  for (size_t i = 0; i < mounted.bind_count; i++) bind(&root, &mounted.binds[i]);
  safe_close(&root);
  io_close(&rootfs.merged_fd);
  process_exec("mounted", command);
}
