// Opening and reading inside a container's root, see in_root.h.
#include "in_root.h"

#include "kernel.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define READ_LIMIT (1u << 20)
#define NO_SUCH_FILE 0xffffffffu

int in_root_open(int root_fd, const char *path, int flags) {
  struct kernel_open_how how = {
      .flags = (uint64_t)(flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), // an image may put a fifo there
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
