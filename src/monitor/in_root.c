// Opening and reading inside a container's root, see in_root.h.
#include "in_root.h"

#include "kernel.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define READ_LIMIT (1u << 20)
#define NO_SUCH_FILE 0xffffffffu

int in_root_open(int root_fd, const char *path, int flags) {
  struct kernel_open_how how = {
      // An image may put a fifo there; what is only named is not opened, and the kernel then takes no such flags.
      .flags = (uint64_t)(flags | O_CLOEXEC | ((flags & O_PATH) == 0 ? O_NONBLOCK | O_NOCTTY : 0)),
      .resolve = KERNEL_RESOLVE_IN_ROOT | KERNEL_RESOLVE_NO_MAGICLINKS,
  };
  return (int)RETRY(syscall(KERNEL_NR_OPENAT2, root_fd, path, &how, sizeof how));
}

static void append_u32le(struct buffer *buffer, uint32_t value) {
  unsigned char bytes[4] = {(unsigned char)value, (unsigned char)(value >> 8), (unsigned char)(value >> 16),
                            (unsigned char)(value >> 24)};
  buffer_append(buffer, bytes, sizeof bytes);
}

static int failure(struct buffer *why, const char *verb, const char *object) {
  int cause = errno;
  buffer_printf(why, "%s: %s: %s", verb, object, strerror(cause));
  return -1;
}

int in_root_append_file(int root_fd, const char *path, struct buffer *payload, struct buffer *why) {
  struct stat found;
  AUTO_CLOSE int fd = in_root_open(root_fd, path, O_RDONLY);
  if (fd < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) return failure(why, "open", path);
  if (fd < 0 || fstat(fd, &found) < 0 || !S_ISREG(found.st_mode)) {
    append_u32le(payload, NO_SUCH_FILE);
    return 0;
  }
  AUTO_BUFFER struct buffer content = {0};
  char *data = buffer_grow(&content, (size_t)READ_LIMIT + 1); // one more than allowed shows that it is too long
  ssize_t size = io_read_full(fd, data, (size_t)READ_LIMIT + 1);
  if (size < 0) return failure(why, "read", path);
  if (size > (ssize_t)READ_LIMIT) {
    buffer_printf(why, "read: %s: larger than 1 MiB", path);
    return -1;
  }
  append_u32le(payload, (uint32_t)size);
  buffer_append(payload, data, (size_t)size);
  return 0;
}

int read_main(int argc, char **argv) {
  if (argc < 3) die(CODE_USAGE, "read: arguments: want ROOT PATH...");
  AUTO_CLOSE int root = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) die(CODE_HOST, "read: %s: %s", argv[1], strerror(errno));
  AUTO_BUFFER struct buffer payload = {0};
  AUTO_BUFFER struct buffer why = {0};
  for (int index = 2; index < argc; index++)
    if (in_root_append_file(root, argv[index], &payload, &why) < 0) die(CODE_HOST, "%s", why.data);
  return io_write_all(STDOUT_FILENO, payload.data, payload.length) < 0 ? CODE_HOST : CODE_OK;
}

// Makes target what source_fd is, so that it can be mounted over.
static int make_place(int source_fd, const char *target) {
  struct stat found;
  if (fstat(source_fd, &found) < 0) return -1;
  if (S_ISDIR(found.st_mode)) return mkdir(target, 0700);
  AUTO_CLOSE int fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  return fd < 0 ? -1 : 0;
}

int bind_main(int argc, char **argv) {
  if (argc != 4) die(CODE_USAGE, "bind: arguments: want ROOT PATH TARGET");
  AUTO_CLOSE int root = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) die(CODE_HOST, "bind: %s: %s", argv[1], strerror(errno));
  AUTO_CLOSE int source = in_root_open(root, argv[2], O_PATH);
  if (source < 0) die(CODE_INPUT, "bind: %s: %s", argv[2], strerror(errno));
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", source); // the very inode that was found, whatever its name leads to by now
  if (make_place(source, argv[3]) < 0 || mount(path, argv[3], NULL, MS_BIND | MS_REC, NULL) < 0)
    die(CODE_HOST, "bind: %s: %s", argv[3], strerror(errno));
  return CODE_OK;
}
