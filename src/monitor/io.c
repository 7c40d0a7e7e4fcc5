// Ground floor of the program, see io.h. Uses no stdio streams: their buffers would be most of an idle monitor.
#include "io.h"

#include <fcntl.h>
#include <stdio.h>

static void say(const char *format, va_list arguments) {
  char line[1024] = "lichen-monitor: ";
  size_t prefix = strlen(line);
  int printed = vsnprintf(line + prefix, sizeof line - prefix - 1, format, arguments);
  size_t length = prefix + (printed < 0 ? 0 : (size_t)printed);
  if (length > sizeof line - 2) length = sizeof line - 2;
  line[length++] = '\n';
  (void)io_write_all(STDERR_FILENO, line, length);
}

void die(int code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
  _exit(code);
}

void warn(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
}

void io_close(int *fd) {
  if (*fd < 0) return;
  int saved = errno;
  close(*fd); // not retried on EINTR: Linux has released the number by then
  *fd = -1;
  errno = saved;
}

void io_free(void *pointer_to_pointer) {
  void **pointer = pointer_to_pointer;
  free(*pointer);
  *pointer = NULL;
}

int io_take(int *fd) {
  int taken = *fd;
  *fd = -1;
  return taken;
}

int io_write_all(int fd, const void *data, size_t size) {
  const char *next = data;
  while (size > 0) {
    ssize_t written = RETRY(write(fd, next, size));
    if (written < 0) return -1;
    next += written;
    size -= (size_t)written;
  }
  return 0;
}

ssize_t io_read_full(int fd, void *data, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t got = RETRY(read(fd, (char *)data + done, size - done));
    if (got < 0) return -1;
    if (got == 0) break;
    done += (size_t)got;
  }
  return (ssize_t)done;
}

void *xcalloc(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) die(CODE_HOST, "allocate: memory: %s", strerror(errno));
  return memory;
}

void *xrealloc_array(void *old, size_t count, size_t size) {
  size_t total;
  if (__builtin_mul_overflow(count, size, &total)) die(CODE_LIMIT, "allocate: memory: too large");
  void *memory = realloc(old, total > 0 ? total : 1);
  if (memory == NULL) die(CODE_HOST, "allocate: memory: %s", strerror(errno));
  return memory;
}

char *xstrdup(const char *text) {
  char *copy = strdup(text);
  if (copy == NULL) die(CODE_HOST, "allocate: memory: %s", strerror(errno));
  return copy;
}

void buffer_free(struct buffer *buffer) {
  free(buffer->data);
  *buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer) {
  buffer->length = 0;
  if (buffer->data != NULL) buffer->data[0] = '\0';
}

void *buffer_grow(struct buffer *buffer, size_t size) {
  size_t needed;
  if (__builtin_add_overflow(buffer->length, size, &needed) || __builtin_add_overflow(needed, (size_t)1, &needed))
    die(CODE_LIMIT, "allocate: memory: too large");
  if (needed > buffer->capacity) {
    size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity;
    while (capacity < needed) capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    buffer->data = xrealloc_array(buffer->data, capacity, 1);
    buffer->capacity = capacity;
  }
  return buffer->data + buffer->length;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size) {
  void *end = buffer_grow(buffer, size);
  if (size > 0) memcpy(end, data, size);
  buffer->length += size;
  buffer->data[buffer->length] = '\0';
}

void buffer_printf(struct buffer *buffer, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int size = vsnprintf(NULL, 0, format, arguments);
  if (size < 0) die(CODE_HOST, "format: text: %s", strerror(errno));
  char *end = buffer_grow(buffer, (size_t)size);
  vsnprintf(end, (size_t)size + 1, format, again);
  buffer->length += (size_t)size;
  va_end(again);
  va_end(arguments);
}

void buffer_drop_front(struct buffer *buffer, size_t size) {
  if (size == 0) return;
  buffer->length -= size;
  memmove(buffer->data, buffer->data + size, buffer->length + 1);
}

int io_read_file(int dirfd, const char *path, struct buffer *buffer, size_t limit) {
  // Never waits: a fifo that somebody put in a file's place is an empty file.
  AUTO_CLOSE int fd = RETRY(openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (fd < 0) return -1;
  for (;;) {
    char chunk[4096];
    ssize_t got = RETRY(read(fd, chunk, sizeof chunk));
    if (got < 0) return -1;
    if (got == 0) break;
    if ((size_t)got > limit - buffer->length) {
      errno = EFBIG;
      return -1;
    }
    buffer_append(buffer, chunk, (size_t)got);
  }
  buffer_append(buffer, "", 0); // an empty file still gives a terminated text
  return 0;
}

int io_open_parent(const char *path, const char **name) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL || slash[1] == '\0') {
    errno = EINVAL;
    return -1;
  }
  AUTO_BUFFER struct buffer parent = {0};
  buffer_append(&parent, path, (size_t)(slash - path) + (slash == path));
  *name = slash + 1;
  return open(parent.data, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int io_replace_file(int dirfd, const char *name, const struct buffer *data, bool sync) {
  char temporary[256];
  if (snprintf(temporary, sizeof temporary, ".%s.%d", name, (int)getpid()) >= (int)sizeof temporary) {
    errno = ENAMETOOLONG;
    return -1;
  }
  // Never what is there already: dirfd may be a directory that everybody can write to.
  if (unlinkat(dirfd, temporary, 0) < 0 && errno != ENOENT) return -1;
  AUTO_CLOSE int fd = RETRY(openat(dirfd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd < 0) return -1;
  if (io_write_all(fd, data->data, data->length) < 0 || (sync && fsync(fd) < 0) ||
      renameat(dirfd, temporary, dirfd, name) < 0) {
    int saved = errno;
    unlinkat(dirfd, temporary, 0);
    errno = saved;
    return -1;
  }
  return sync ? fsync(dirfd) : 0;
}

int io_parse_u64(const char *text, uint64_t max, uint64_t *value) {
  uint64_t sum = 0;
  if (*text == '\0') goto bad;
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9') goto bad;
    if (__builtin_mul_overflow(sum, (uint64_t)10, &sum) || __builtin_add_overflow(sum, (uint64_t)(*text - '0'), &sum) ||
        sum > max)
      goto bad;
  }
  *value = sum;
  return 0;
bad:
  errno = EINVAL;
  return -1;
}
