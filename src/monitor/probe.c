// What this host can do, found out by doing it (PROTOCOL.md, probe). Every trial runs in a process of its own, so that
// namespaces, mounts and descriptors go with it, and a driver that hangs is ended by its alarm:
//
// probe (this one) makes a scratch directory in the store, removes it at the end, and prints.
// └ the namespace's process joins or makes the user namespace; it tries /dev/net/tun from inside, as slirp4netns would.
//   └ one process per storage driver, each with its own mount table.
#include "probe.h"

#include "cgroup.h"
#include "process.h"
#include "report.h"
#include "rootfs.h"
#include "tree.h"
#include "userns.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#define TRIAL_SECONDS 10
#define SAID_LIMIT 512

enum { TRIAL_USERNS, TRIAL_OVERLAY, TRIAL_FUSE, TRIAL_TUN, TRIAL_COUNT };

struct probe {
  struct userns_request userns;
  const char *store, *fuse_program;
  char scratch[64]; // its name in the store
};

struct verdict {
  bool ok;
  char error[SAID_LIMIT];
};

// Tries one thing; -1 with why filled.
typedef int (*trial)(const struct probe *probe, struct buffer *why);

static int failure(struct buffer *why, const char *verb, const char *object) {
  int cause = errno;
  buffer_printf(why, "%s: %s: %s", verb, object, strerror(cause));
  return -1;
}

static void say(struct verdict *verdict, const char *error) {
  verdict->ok = error[0] == '\0';
  snprintf(verdict->error, sizeof verdict->error, "%s", error);
}

// Runs the trial in a child and takes its verdict.
static void run_trial(const struct probe *probe, trial try_it, struct verdict *verdict) {
  int ends[2], status;
  if (pipe2(ends, O_CLOEXEC) < 0) return say(verdict, strerror(errno));
  pid_t child = fork();
  if (child < 0) die(CODE_HOST, "probe: fork: %s", strerror(errno));
  if (child == 0) {
    AUTO_BUFFER struct buffer why = {0};
    alarm(TRIAL_SECONDS);
    bool ok = try_it(probe, &why) == 0;
    if (!ok && io_write_all(ends[1], why.data, why.length) < 0) _exit(CODE_HOST);
    _exit(ok ? CODE_OK : CODE_INPUT);
  }
  close(ends[1]);
  char text[SAID_LIMIT] = "";
  ssize_t size = io_read_full(ends[0], text, sizeof text - 1);
  close(ends[0]);
  RETRY(waitpid(child, &status, 0));
  text[size < 0 ? 0 : size] = '\0';
  if (status != 0 && text[0] == '\0')
    strcpy(text, WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "no answer in 10 s" : "it crashed");
  say(verdict, text);
}

static int try_tun(const struct probe *probe, struct buffer *why) {
  (void)probe;
  AUTO_CLOSE int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (fd >= 0) return 0;
  buffer_printf(why, "/dev/net/tun: %s", strerror(errno));
  return -1;
}

static int make_file(const char *path) {
  AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  return fd < 0 ? -1 : 0;
}

// One layer with our own marks: a file that a whiteout in the layer above hides, and one to be deleted in the upper.
static int make_layers(const char *driver, struct buffer *why) {
  if (mkdir(driver, 0700) < 0 || chdir(driver) < 0) return failure(why, "make", driver);
  static const char *const names[] = {"0", "1", "upper", "work", "merged"};
  for (size_t index = 0; index < sizeof names / sizeof names[0]; index++)
    if (mkdir(names[index], 0700) < 0) return failure(why, "make", names[index]);
  if (make_file("0/hidden") < 0 || make_file("0/deleted") < 0) return failure(why, "make", "a file");
  if (mknod("1/hidden", S_IFCHR, makedev(0, 0)) < 0) return failure(why, "make", "a whiteout");
  return 0;
}

static int use_mount(struct buffer *why) {
  struct stat found;
  if (lstat("merged/hidden", &found) == 0) return buffer_printf(why, "whiteouts are not honoured"), -1;
  if (make_file("merged/new") < 0) return failure(why, "write", "merged");
  if (unlink("merged/deleted") < 0) return failure(why, "delete", "merged");
  if (lstat("upper/new", &found) < 0) return failure(why, "look up", "upper");
  return 0;
}

static int try_storage(const struct probe *probe, enum storage storage, struct buffer *why) {
  char here[4096], paths[4][4096 + 16], *lower[] = {"1", "0"};
  static const char *const names[] = {"upper", "work", "merged"};
  struct rootfs rootfs = {.merged_fd = -1};
  struct spec spec = {.storage = storage, .lower = {lower, 2}, .fuse_program = probe->fuse_program};
  if (storage == STORAGE_FUSE && probe->fuse_program == NULL) return buffer_printf(why, "no fuse_program"), -1;
  signal(SIGPIPE, SIG_IGN); // a daemon that could not start
  if (rootfs_unshare_mounts(why) < 0) return -1;
  if (chdir(probe->store) < 0 || chdir(probe->scratch) < 0) return failure(why, "enter", probe->store);
  if (make_layers(storage == STORAGE_FUSE ? "fuse" : "overlay", why) < 0) return -1;
  if (getcwd(here, sizeof here) == NULL) return failure(why, "find", "scratch directory");
  for (size_t index = 0; index < 3; index++) snprintf(paths[index], sizeof paths[index], "%s/%s", here, names[index]);
  spec.layers_dir = here;
  spec.upper = paths[0];
  spec.work = paths[1];
  spec.merged = paths[2];
  if (rootfs_mount(&spec, &rootfs, why) < 0) return -1;
  int used = chdir(here) < 0 ? failure(why, "enter", here) : use_mount(why);
  rootfs_unmount(&rootfs);
  if (rootfs.fuse_pid > 0) RETRY(waitpid(rootfs.fuse_pid, NULL, 0));
  return used;
}

static int try_overlay(const struct probe *probe, struct buffer *why) {
  return try_storage(probe, STORAGE_OVERLAY, why);
}

static int try_fuse(const struct probe *probe, struct buffer *why) { return try_storage(probe, STORAGE_FUSE, why); }

// The namespace's process. Verdicts go to the parent as they lie in memory: it is the same program.
static _Noreturn void try_inside(const struct probe *probe, int to_parent) {
  AUTO_BUFFER struct buffer why = {0};
  struct verdict verdicts[TRIAL_COUNT] = {0};
  if (userns_enter(&probe->userns, false, &why) < 0) {
    say(&verdicts[TRIAL_USERNS], why.data);
    say(&verdicts[TRIAL_OVERLAY], "no user namespace");
    say(&verdicts[TRIAL_FUSE], "no user namespace");
  } else {
    say(&verdicts[TRIAL_USERNS], "");
    run_trial(probe, try_overlay, &verdicts[TRIAL_OVERLAY]);
    run_trial(probe, try_fuse, &verdicts[TRIAL_FUSE]);
  }
  run_trial(probe, try_tun, &verdicts[TRIAL_TUN]);
  _exit(io_write_all(to_parent, verdicts, sizeof verdicts) < 0 ? CODE_HOST : CODE_OK);
}

static void try_all(const struct probe *probe, struct verdict verdicts[TRIAL_COUNT]) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) die(CODE_HOST, "probe: pipe: %s", strerror(errno));
  pid_t child = fork();
  if (child < 0) die(CODE_HOST, "probe: fork: %s", strerror(errno));
  if (child == 0) try_inside(probe, ends[1]);
  close(ends[1]);
  size_t size = sizeof *verdicts * TRIAL_COUNT;
  if (io_read_full(ends[0], verdicts, size) != (ssize_t)size) die(CODE_HOST, "probe: user namespace: its process died");
  close(ends[0]);
  RETRY(waitpid(child, NULL, 0));
}

static void parse(struct probe *probe, char **argv) {
  for (char **word = argv + 1; *word != NULL; word++) {
    char *value = strchr(*word, '=');
    const char *why = NULL;
    if (value == NULL) die(CODE_USAGE, "probe: %s: not key=value", *word);
    *value++ = '\0';
    if (strcmp(*word, "store") == 0) probe->store = value;
    else if (strcmp(*word, "fuse_program") == 0) probe->fuse_program = value;
    else if (userns_accept(&probe->userns, *word, value, &why) <= 0)
      die(CODE_USAGE, "probe: %s: %s", *word, why == NULL ? "unknown key" : why);
  }
  const char *missing = probe->store == NULL ? "store" : userns_missing(&probe->userns);
  if (missing != NULL) die(CODE_USAGE, "probe: %s: missing", missing);
}

static int print(const struct verdict verdicts[TRIAL_COUNT]) {
  static const char *const names[] = {"userns", "overlay", "fuseOverlayfs", "tun"};
  AUTO_BUFFER struct buffer json = {0};
  buffer_printf(&json, "{\"schema\":1");
  for (size_t index = 0; index < TRIAL_COUNT; index++) {
    buffer_printf(&json, ",\"%s\":{\"ok\":%s,\"error\":", names[index], verdicts[index].ok ? "true" : "false");
    report_json_string(&json, verdicts[index].error);
    buffer_printf(&json, "}");
  }
  buffer_printf(&json, ",\"cgroup\":\"%s\"}\n", cgroup_mode());
  return io_write_all(STDOUT_FILENO, json.data, json.length) < 0 ? CODE_HOST : CODE_OK;
}

int probe_main(int argc, char **argv) {
  struct probe probe = {0};
  struct verdict verdicts[TRIAL_COUNT];
  AUTO_BUFFER struct buffer scratch = {0};
  (void)argc;
  parse(&probe, argv);
  snprintf(probe.scratch, sizeof probe.scratch, ".probe.%d", (int)getpid());
  buffer_printf(&scratch, "%s/%s", probe.store, probe.scratch);
  if (mkdir(scratch.data, 0700) < 0) die(CODE_HOST, "probe: %s: %s", scratch.data, strerror(errno));
  try_all(&probe, verdicts);
  if (tree_remove(scratch.data) < 0) warn("probe: remove %s: %s", scratch.data, strerror(errno));
  return print(verdicts);
}
