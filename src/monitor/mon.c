// The monitor: one per container, from the empty mount namespace to the last byte of output (PROTOCOL.md, mon).
//
// It is the parent that outlives everything else of its container: the runtime and the CLI come and go, orphans of the
// container become its children (subreaper), the container's mounts live in its mount namespace and end with it.
// kill -9 at any point leaves nothing mounted and no half-written file; a running container then goes on unwatched.
#include "mon.h"

#include "container.h"
#include "kept_fds.h"
#include "monitor_end.h"
#include "monitor_launch.h"
#include "process.h"
#include "restart.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define FIRST_CLIENT 3

// Of 0, 1 and 2 only stderr is the caller's to hear from us, and fd 3 is not the runtime's business.
static void settle(void) {
  struct stat fd3;
  if (fstat(FIRST_CLIENT, &fd3) < 0 || !S_ISSOCK(fd3.st_mode)) die(CODE_USAGE, "mon: fd 3: not a socket");
  fcntl(FIRST_CLIENT, F_SETFD, FD_CLOEXEC);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
    die(CODE_HOST, "open: /dev/null: %s", strerror(errno));
  close(null);
  process_forget_sockets();
  unsetenv("NOTIFY_SOCKET"); // the runtime would speak to systemd itself
  umask(022);
}

// Mapped and not allocated: the allocator would keep it in one group with the launch's large buffers, and those with it.
static char *map_chunk(void) {
  void *chunk = mmap(NULL, CHUNK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (chunk == MAP_FAILED) die(CODE_HOST, "map: buffer: %s", strerror(errno));
  return chunk;
}

static struct session new_session(void) {
  return (struct session){
      .signal_fd = -1,
      .run_dirfd = -1,
      .pty = -1,
      .attach = UNIX_SOCKET_NONE,
      .console = CONSOLE_NONE,
      .memory = MEMORY_WATCH_NONE,
      .log = {.fd = -1},
      .journal = JOURNAL_NONE,
      .out = {.fd = -1, .type = 'o', .name = "stdout"},
      .err = {.fd = -1, .type = 'E', .name = "stderr"},
      .input = {.fd = -1},
      .health = {.run = CHECK_RUN_NONE},
      .notify_fd = -1,
      .chunk = map_chunk(),
  };
}

static bool container_ended(const struct session *session) { return session->container.ended; }

int mon_main(int argc, char **argv) {
  if (argc != 2) die(CODE_USAGE, "usage: lichen-monitor mon SPEC");
  settle();
  struct spec spec = {0};
  struct monitor monitor = {.session = new_session(), .spec = &spec, .rootfs = {.merged_fd = -1}};
  monitor.runtime = (struct runtime){.spec = &spec, .run_dirfd = -1, .groups = &monitor.groups};
  monitor.session.runtime = &monitor.runtime;
  clients_add(&monitor.session.clients, FIRST_CLIENT, true, false);

  bool ready = spec_read(argv[1], &spec, &monitor.why) == 0 && kept_fds_settle(&spec, &monitor.why) == 0;
  const char *failed = ready ? monitor_launch(&monitor) : "spec";
  if (failed != NULL) return monitor_give_up(&monitor, failed);
  do {
    loop_until(&monitor.session, container_ended, LOOP_FOREVER);
    container_settle(&monitor);
  } while (restart_is_wanted(&monitor) && restart_container(&monitor));
  return monitor_finish(&monitor);
}
