// Runs a command in the user's namespaces, as this same process: what it inherits, answers and ends with is the
// caller's (PROTOCOL.md, ns). Decides nothing about containers.
#include "ns.h"

#include "cgroup.h"
#include "kernel.h"
#include "process.h"
#include "pty.h"
#include "rootfs.h"
#include "userns.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>

#define GROUPS_LIMIT 32 // the kernel has fourteen version 1 controllers

struct ns_options {
  struct userns_request userns;
  const char *of, *user_of; // pids as text
  const char *cwd, *console;
  int groups[GROUPS_LIMIT]; // opened as they are said: afterwards their names may be hidden from us
  size_t group_count;
  bool mount, graft_cgroup, pty, input;
  uint8_t keys[PTY_KEYS_LIMIT];
  size_t key_count;
  char **command;
};

static _Noreturn void usage(const char *word, const char *cause) { die(CODE_USAGE, "ns: %s: %s", word, cause); }

static bool take_flag(struct ns_options *options, const char *word) {
  if (strcmp(word, "--mount") == 0) return options->mount = true;
  if (strcmp(word, "--graft-cgroup") == 0) return options->graft_cgroup = true;
  if (strcmp(word, "--pty") == 0) return options->pty = true;
  if (strcmp(word, "--input") == 0) return options->input = true;
  return false;
}

// Byte values parted by commas; nothing at all is no keys.
static void take_keys(struct ns_options *options, char *value) {
  uint64_t byte;
  for (char *rest = value[0] == '\0' ? NULL : value, *word; (word = strsep(&rest, ",")) != NULL;) {
    if (io_parse_u64(word, UINT8_MAX, &byte) < 0) usage("--detach-keys", "not byte values");
    if (options->key_count == PTY_KEYS_LIMIT) usage("--detach-keys", "too many");
    options->keys[options->key_count++] = (uint8_t)byte;
  }
}

static void take_group(struct ns_options *options, const char *value) {
  AUTO_BUFFER struct buffer path = {0};
  if (options->group_count == GROUPS_LIMIT) usage("--cgroup1", "too many");
  buffer_printf(&path, "%s/cgroup.procs", value);
  int fd = open(path.data, O_WRONLY | O_CLOEXEC);
  if (fd < 0) die(CODE_HOST, "ns: open %s: %s", path.data, strerror(errno));
  options->groups[options->group_count++] = fd;
}

static void take_value(struct ns_options *options, const char *word, char *value) {
  static const char *const userns_words[][2] = {
      {"--userns-dir", "userns_dir"}, {"--idmap", "idmap"}, {"--uidmap", "uidmap"}, {"--gidmap", "gidmap"}};
  uint64_t pid;
  const char *why;
  for (size_t index = 0; index < sizeof userns_words / sizeof userns_words[0]; index++) {
    if (strcmp(word, userns_words[index][0]) != 0) continue;
    if (userns_accept(&options->userns, userns_words[index][1], value, &why) < 0) usage(word, why);
    return;
  }
  if (strcmp(word, "--cwd") == 0) {
    options->cwd = value;
    return;
  }
  if (strcmp(word, "--console") == 0) {
    options->console = value;
    return;
  }
  if (strcmp(word, "--cgroup1") == 0) return take_group(options, value);
  if (strcmp(word, "--detach-keys") == 0) return take_keys(options, value);
  bool of = strcmp(word, "--of") == 0;
  if (!of && strcmp(word, "--user-of") != 0) usage(word, "no such option");
  if (io_parse_u64(value, INT32_MAX, &pid) < 0 || pid == 0) usage(word, "not a process id");
  *(of ? &options->of : &options->user_of) = value;
}

static void parse(struct ns_options *options, char **argv) {
  char **word = argv + 1;
  for (; *word != NULL && strcmp(*word, "--") != 0; word++) {
    if (take_flag(options, *word)) continue;
    if (word[1] == NULL) usage(*word, "needs a value");
    take_value(options, word[0], word[1]);
    word++;
  }
  if (*word == NULL || word[1] == NULL) usage("--", "no command");
  options->command = word + 1;
  const char *missing = userns_missing(&options->userns);
  if (missing != NULL) usage(missing, "missing");
  if ((options->of != NULL) + (options->user_of != NULL) + (options->userns.dir != NULL) > 1)
    usage("--of", "--of, --user-of and --userns-dir exclude one another");
  if (options->graft_cgroup && !options->mount) usage("--graft-cgroup", "needs --mount");
  if ((options->input || options->key_count > 0) && !options->pty) usage("--pty", "missing");
}

static int open_ns(const char *pid, const char *kind) {
  char path[48];
  snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, kind);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(CODE_HOST, "ns: %s: %s", path, strerror(errno));
  return fd;
}

static void join_user(int fd, const char *pid) {
  if (userns_join_fd(fd) < 0) die(CODE_HOST, "ns: join user namespace of %s: %s", pid, strerror(errno));
  if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
    die(CODE_HOST, "ns: become root of the namespace: %s", strerror(errno));
}

// Both are opened before the first is joined: afterwards /proc/PID may be closed to us.
static void join_monitor(const char *pid) {
  AUTO_CLOSE int user = open_ns(pid, "user");
  AUTO_CLOSE int mounts = open_ns(pid, "mnt");
  join_user(user, pid);
  if (setns(mounts, CLONE_NEWNS) < 0) die(CODE_HOST, "ns: join mount namespace of %s: %s", pid, strerror(errno));
}

static bool is_same(int fd, const struct stat *ours) {
  struct stat theirs;
  return fstat(fd, &theirs) == 0 && theirs.st_ino == ours->st_ino && theirs.st_dev == ours->st_dev;
}

// A container may have a user namespace of its own inside the shared one: climb until the next is ours.
static void join_user_above(const char *pid) {
  struct stat ours;
  if (stat("/proc/self/ns/user", &ours) < 0) die(CODE_HOST, "ns: /proc/self/ns/user: %s", strerror(errno));
  AUTO_CLOSE int fd = open_ns(pid, "user");
  if (is_same(fd, &ours)) return; // a root container: there is nothing to join
  for (;;) {
    AUTO_CLOSE int parent = ioctl(fd, KERNEL_NS_GET_PARENT);
    if (parent < 0) die(CODE_HOST, "ns: climb from user namespace of %s: %s", pid, strerror(errno));
    fcntl(parent, F_SETFD, FD_CLOEXEC);
    if (is_same(parent, &ours)) break;
    io_close(&fd);
    fd = io_take(&parent);
  }
  join_user(fd, pid);
}

// With a terminal only the command joins the groups: we are not the container's, and may outlive it.
static int run_command(const struct ns_options *options) {
  const struct pty_options pty = {.input = options->input,
                                  .keys = options->keys,
                                  .key_count = options->key_count,
                                  .console = options->console,
                                  .groups = options->groups,
                                  .group_count = options->group_count};
  if (options->pty) return pty_run(&pty, options->command);
  if (options->console != NULL) return pty_keep(&pty, options->command);
  if (process_join(options->groups, options->group_count) < 0) die(CODE_HOST, "ns: join groups: %s", strerror(errno));
  process_exec("ns", options->command);
}

int ns_main(int argc, char **argv) {
  struct ns_options options = {0};
  AUTO_BUFFER struct buffer why = {0};
  bool disabled; // which rung it was is the runtime's caller's to know; the view is what counts here
  (void)argc;
  parse(&options, argv);
  process_forget_sockets();
  if (userns_enter(&options.userns, false, &why) < 0) die(CODE_HOST, "ns: %s", why.data);
  if (options.of != NULL) join_monitor(options.of);
  if (options.user_of != NULL) join_user_above(options.user_of);
  if (options.mount && rootfs_unshare_mounts(&why) < 0) die(CODE_HOST, "ns: %s", why.data);
  if (options.graft_cgroup && cgroup_graft(&disabled, &why) < 0) die(CODE_HOST, "ns: %s", why.data);
  if (options.cwd != NULL && chdir(options.cwd) < 0)
    die(CODE_HOST, "ns: enter %s: %s", options.cwd, strerror(errno));
  return run_command(&options);
}
