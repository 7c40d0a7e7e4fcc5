// fuse-overlayfs by fd, see fuse.h. Two processes meet here:
//
// The monitor opens /dev/fuse (inside the user namespace: the kernel ties the mount to the opener's) and mounts.
// The daemon's process takes its own copy of the mount table *before* the mount exists. A daemon that saw its own mount
// would pin it and never end; this one reads ENODEV and exits when monitor and container are gone, also after kill -9.
#include "fuse.h"

#include "process.h"
#include "rootfs.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/wait.h>

// Says "ready" when its mount table is its own, waits for "mounted", becomes the daemon. End of file: the monitor died
// or could not mount, so there is nothing to serve.
static _Noreturn void serve(const struct spec *spec, int device, int monitor, int said) {
  AUTO_BUFFER struct buffer options = {0};
  char mount_point[24], word;
  process_reset_signals();
  dup2(said, STDERR_FILENO);
  rootfs_layer_options(spec, &options);
  snprintf(mount_point, sizeof mount_point, "/dev/fd/%d", device); // libfuse's form for "already mounted on this fd"
  if (unshare(CLONE_NEWNS) < 0) die(CODE_HOST, "unshare: mount namespace: %s", strerror(errno));
  if (chdir(spec->layers_dir) < 0) die(CODE_HOST, "enter: %s: %s", spec->layers_dir, strerror(errno));
  if (io_write_all(monitor, "r", 1) < 0 || io_read_full(monitor, &word, 1) != 1) _exit(CODE_OK);
  fcntl(device, F_SETFD, 0);
  execv(spec->fuse_program,
        (char *const[]){(char *)spec->fuse_program, "-f", "-o", options.data, mount_point, NULL});
  die(CODE_HOST, "run: %s: %s", spec->fuse_program, strerror(errno));
}

static int failure(struct buffer *why, const char *verb, const char *object) {
  int cause = errno;
  buffer_printf(why, "%s: %s: %s", verb, object, strerror(cause));
  return -1;
}

static int mount_device(const struct spec *spec, int device, struct buffer *why) {
  char options[128];
  snprintf(options, sizeof options,
           "fd=%d,rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other", device);
  if (mount("fuse-overlayfs", spec->merged, "fuse.fuse-overlayfs", MS_NODEV, options) == 0) return 0;
  return failure(why, "mount fuse-overlayfs", spec->merged);
}

// What the daemon said, on one line: the last of it is what it ended with.
static void add_reason(int said, struct buffer *why) {
  char text[512];
  off_t end = lseek(said, 0, SEEK_END), begin = end > (off_t)sizeof text - 1 ? end - ((off_t)sizeof text - 1) : 0;
  ssize_t size = pread(said, text, sizeof text - 1, begin);
  while (size > 0 && text[size - 1] == '\n') size--;
  if (size <= 0) return;
  text[size] = '\0';
  for (char *newline = text; (newline = strchr(newline, '\n')) != NULL;) *newline = ';';
  buffer_printf(why, ": %s", text);
}

static void end_daemon(pid_t daemon) {
  kill(daemon, SIGKILL);
  RETRY(waitpid(daemon, NULL, 0));
}

// Blocks until the daemon has answered, or has ended and the kernel answers for it.
static int check_answer(const struct spec *spec, struct buffer *why) {
  struct statfs found;
  return statfs(spec->merged, &found) < 0 ? failure(why, "reach fuse-overlayfs", spec->merged) : 0;
}

int fuse_mount(const struct spec *spec, pid_t *daemon, struct buffer *why) {
  int pair[2];
  char word;
  if (access(spec->fuse_program, X_OK) < 0) return failure(why, "run", spec->fuse_program);
  AUTO_CLOSE int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (device < 0) return failure(why, "open", "/dev/fuse");
  // Kept in memory, for the daemon chats on stderr all its life, and a pipe would want a reader as long.
  AUTO_CLOSE int said = memfd_create("fuse-overlayfs", MFD_CLOEXEC);
  if (said < 0) return failure(why, "make", "memfd");
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return failure(why, "make", "socketpair");
  AUTO_CLOSE int ours = pair[0];
  AUTO_CLOSE int theirs = pair[1];

  pid_t child = fork();
  if (child < 0) return failure(why, "fork", "fuse-overlayfs");
  if (child == 0) {
    io_close(&ours);
    serve(spec, device, theirs, said);
  }
  io_close(&theirs);
  int mounted = -1;
  if (io_read_full(ours, &word, 1) != 1) buffer_printf(why, "start: fuse-overlayfs: it could not take its place");
  else mounted = mount_device(spec, device, why);
  if (mounted == 0 && io_write_all(ours, "m", 1) < 0) mounted = failure(why, "start", "fuse-overlayfs");
  io_close(&device); // the daemon's copy is now the only one: when it ends, so does the waiting
  if (mounted == 0) mounted = check_answer(spec, why);
  if (mounted < 0) {
    end_daemon(child);
    add_reason(said, why);
    umount2(spec->merged, MNT_DETACH); // fails where there was none
    return -1;
  }
  *daemon = child;
  return 0;
}
