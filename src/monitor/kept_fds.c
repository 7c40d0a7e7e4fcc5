// What the container gets of the caller's, see kept_fds.h. The numbers are PROTOCOL.md's: after fd 3, the first client.
#include "kept_fds.h"

#include "kernel.h"

#include <fcntl.h>
#include <sys/syscall.h>

#define KEPT_FROM 4
#define STDIO_COUNT 3

static int first_preserved(const struct spec *spec) { return KEPT_FROM + (spec->stdio_fds ? STDIO_COUNT : 0); }

int kept_fds_settle(const struct spec *spec, struct buffer *why) {
  int fd = KEPT_FROM, preserved = first_preserved(spec);
  for (; fd < preserved || (uint64_t)(fd - preserved) < spec->preserve_fds; fd++) {
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) continue;
    buffer_printf(why, "%s: fd %d: %s", fd < preserved ? "stdio_fds" : "preserve_fds", fd, strerror(errno));
    return -1;
  }
  syscall(KERNEL_NR_CLOSE_RANGE, fd, ~0u, 0); // before Linux 5.9 they stay open
  return 0;
}

void kept_fds_give(const struct spec *spec, struct runtime_stdio *stdio) {
  stdio->kept_from = first_preserved(spec);
  stdio->kept = (int)spec->preserve_fds; // as many as are open, so it fits
  if (!spec->stdio_fds) return;
  stdio->in = KEPT_FROM;
  stdio->out = KEPT_FROM + 1;
  stdio->err = KEPT_FROM + 2;
}
