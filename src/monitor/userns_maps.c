// A new user namespace. Its maps can only be written by a process that is still outside it, so two processes meet
// here: the caller, who unshares, and the mapper, a child forked before that.
#include "userns_maps.h"

#include "process.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void proc_path(char *path, size_t size, pid_t pid, const char *file) {
  snprintf(path, size, "/proc/%d/%s", (int)pid, file);
}

// One write(2): the kernel takes a map whole or not at all.
static void write_proc(pid_t pid, const char *file, const char *text) {
  char path[64];
  proc_path(path, sizeof path, pid, file);
  AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || io_write_all(fd, text, strlen(text)) < 0) die(CODE_HOST, "write: %s: %s", path, strerror(errno));
}

static void write_map(pid_t pid, const char *file, const struct userns_maps *maps) {
  AUTO_BUFFER struct buffer lines = {0};
  for (size_t index = 0; index < maps->count; index += 3)
    buffer_printf(&lines, "%s %s %s\n", maps->words[index], maps->words[index + 1], maps->words[index + 2]);
  write_proc(pid, file, lines.data);
}

static void run_map_helper(const char *program, const char *pid, const struct userns_maps *maps) {
  AUTO_FREE const char **argv = xcalloc(maps->count + 3, sizeof *argv);
  argv[0] = program;
  argv[1] = pid;
  for (size_t index = 0; index < maps->count; index++) argv[index + 2] = maps->words[index];
  int code = process_run(&(struct command){.argv = (char *const *)argv, .in = -1, .out = -1, .err = STDERR_FILENO});
  if (code < 0) die(CODE_HOST, "run: %s: %s", program, strerror(errno));
  if (code != 0) die(CODE_HOST, "run: %s: exit %d", program, code);
}

// The mapper stays outside. It ends when the maps are written, when it cannot write them (what it says on stderr is
// the reason), or without doing anything when the caller died or could not unshare (end of file on wake).
static _Noreturn void mapper(const struct userns_request *request, pid_t target, int wake) {
  char word;
  if (io_read_full(wake, &word, 1) != 1) _exit(CODE_OK);
  // A lone id is mapped without any privilege, and then the kernel wants setgroups given up first.
  bool single = request->gid.count == 3 && strcmp(request->gid.words[2], "1") == 0;
  if (single) write_proc(target, "setgroups", "deny");
  if (strcmp(request->idmap, "direct") == 0) {
    write_map(target, "uid_map", &request->uid);
    write_map(target, "gid_map", &request->gid);
  } else {
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)target);
    run_map_helper("newuidmap", pid, &request->uid);
    run_map_helper("newgidmap", pid, &request->gid);
  }
  _exit(CODE_OK);
}

static int refused(struct buffer *why, const char *what) {
  buffer_printf(why, "%s: %s", what, strerror(errno));
  return -1;
}

// What the mapper and its programs said, on one line and without our own prefix.
static void take_reason(int said, struct buffer *why) {
  static const char prefix[] = "lichen-monitor: ";
  char text[1024];
  ssize_t size = io_read_full(said, text, sizeof text - 1);
  text[size < 0 ? 0 : size] = '\0';
  for (char *line = text, *end; line[0] != '\0'; line = end) {
    end = line + strcspn(line, "\n");
    if (*end != '\0') *end++ = '\0';
    if (strncmp(line, prefix, sizeof prefix - 1) == 0) line += sizeof prefix - 1;
    buffer_printf(why, "%s%s", why->length > 0 ? ": " : "", line);
  }
  if (why->length == 0) buffer_printf(why, "write: maps: the helper was killed");
}

int userns_make(const struct userns_request *request, struct buffer *why) {
  int wake[2], said[2];
  if (pipe2(wake, O_CLOEXEC) < 0) return refused(why, "pipe");
  AUTO_CLOSE int wake_read = wake[0];
  AUTO_CLOSE int wake_write = wake[1];
  if (pipe2(said, O_CLOEXEC) < 0) return refused(why, "pipe");
  AUTO_CLOSE int said_read = said[0];
  AUTO_CLOSE int said_write = said[1];

  pid_t target = getpid(), child = fork();
  if (child < 0) return refused(why, "fork");
  if (child == 0) {
    io_close(&wake_write);
    dup2(said_write, STDERR_FILENO);
    mapper(request, target, wake_read);
  }
  io_close(&said_write);
  int made = unshare(CLONE_NEWUSER), cause = errno;
  if (made == 0 && io_write_all(wake_write, "m", 1) < 0) made = -1;
  io_close(&wake_write);

  int status;
  if (RETRY(waitpid(child, &status, 0)) < 0) return refused(why, "wait");
  errno = cause;
  if (made < 0) return refused(why, "unshare: user namespace");
  if (process_exit_code(status) == 0) return 0;
  take_reason(said_read, why);
  return -1;
}
