// Grafting a mount from one mount namespace to another (open_tree(2), move_mount(2)), see graft.h.
#include "graft.h"

#include "in_root.h"
#include "io.h"
#include "kernel.h"
#include "process.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

// The mount at path as the process sees it: taken inside its mount namespace, below its root, and attached nowhere yet.
// It may have made the path a link to /proc/1/root, where it could not go itself: those are not followed.
static int take_tree(const char *pid, const char *path) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%s/ns/mnt", pid);
  AUTO_CLOSE int theirs = open(name, O_RDONLY | O_CLOEXEC);
  if (theirs < 0 || setns(theirs, CLONE_NEWNS) < 0) die(CODE_HOST, "graft: %s: %s", name, strerror(errno));
  AUTO_CLOSE int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  AUTO_CLOSE int found = in_root_open(root, path, O_PATH | O_DIRECTORY);
  int tree = found < 0 ? -1 : (int)syscall(KERNEL_NR_OPEN_TREE, found, "", KERNEL_OPEN_TREE_CLONE_FD | O_CLOEXEC);
  if (tree < 0) die(errno == ENOENT ? CODE_INPUT : CODE_HOST, "graft: %s: %s", path, strerror(errno));
  return tree;
}

int graft_main(int argc, char **argv) {
  if (argc != 4 || strspn(argv[1], "0123456789") != strlen(argv[1])) die(CODE_USAGE, "graft: arguments: want PID PATH TARGET");
  if (mkdir(argv[3], 0700) < 0 && errno != EEXIST) die(CODE_HOST, "graft: %s: %s", argv[3], strerror(errno));
  AUTO_CLOSE int target = open(argv[3], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  AUTO_CLOSE int ours = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  if (target < 0 || ours < 0) die(CODE_HOST, "graft: %s: %s", argv[3], strerror(errno));
  AUTO_CLOSE int tree = take_tree(argv[1], argv[2]);
  if (setns(ours, CLONE_NEWNS) < 0) die(CODE_HOST, "graft: return: %s", strerror(errno));
  if (syscall(KERNEL_NR_MOVE_MOUNT, tree, "", target, "", KERNEL_MOVE_MOUNT_BY_FDS) < 0)
    die(CODE_HOST, "graft: %s: %s", argv[3], strerror(errno));
  return CODE_OK;
}
