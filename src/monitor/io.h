// Small ground floor shared by every subcommand: exit codes, one-line errors, scope-bound cleanup, EINTR-safe
// reads and writes, a growing byte buffer, files that appear by rename. Must know nothing of containers.
// Every file is compiled with -D_GNU_SOURCE (scripts/build-monitor).
#ifndef LICHEN_IO_H
#define LICHEN_IO_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

// What the caller may conclude from our exit code (PROTOCOL.md, Common).
enum exit_code {
  CODE_OK = 0,
  CODE_INPUT = 1,
  CODE_HOST = 2,
  CODE_LIMIT = 3,
  CODE_USAGE = 64,
  CODE_NOT_EXECUTABLE = 126,
  CODE_NOT_FOUND = 127,
};

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

// The text is `VERB: OBJECT: CAUSE`; "lichen-monitor: " and the newline are added. One write, so lines never mix.
_Noreturn void die(int code, const char *format, ...) PRINTF_LIKE(2, 3);
void warn(const char *format, ...) PRINTF_LIKE(1, 2);

// Repeats a system call that a signal interrupted.
#define RETRY(call)                                                                                                    \
  __extension__({                                                                                                      \
    __typeof__(call) retry_result;                                                                                     \
    do {                                                                                                               \
      retry_result = (call);                                                                                           \
    } while (retry_result == -1 && errno == EINTR);                                                                    \
    retry_result;                                                                                                      \
  })

// `AUTO_CLOSE int fd = open(…)` is closed at the end of its scope, whatever the way out; errno survives. A negative
// value is left alone, so io_take() hands the descriptor on.
#define AUTO_CLOSE __attribute__((cleanup(io_close)))
#define AUTO_FREE __attribute__((cleanup(io_free)))
void io_close(int *fd);
void io_free(void *pointer_to_pointer);
int io_take(int *fd);

// All of it, or -1 with errno (write); up to size bytes, short only at the end of the file (read).
int io_write_all(int fd, const void *data, size_t size);
ssize_t io_read_full(int fd, void *data, size_t size);

struct buffer {
  char *data; // NUL-terminated whenever it is not NULL, so text can be used as it lies
  size_t length;
  size_t capacity;
};

#define AUTO_BUFFER __attribute__((cleanup(buffer_free)))
void buffer_free(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);
// These end the program when there is no memory.
void *buffer_grow(struct buffer *buffer, size_t size); // room for size more bytes; the caller adds to length
void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_printf(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_drop_front(struct buffer *buffer, size_t size);

void *xcalloc(size_t count, size_t size);
void *xrealloc_array(void *old, size_t count, size_t size);
char *xstrdup(const char *text);

// The whole file into buffer, at most limit bytes (EFBIG beyond). -1 with errno.
int io_read_file(int dirfd, const char *path, struct buffer *buffer, size_t limit);

// The directory that path (absolute) lies in, O_PATH; *name is the rest of path. -1 with errno.
int io_open_parent(const char *path, const char **name);

// name appears in dirfd with all of data or not at all. sync: data is on disk before the name is.
int io_replace_file(int dirfd, const char *name, const struct buffer *data, bool sync);

// Decimal, the whole of text, no sign, at most max. -1 with errno EINVAL.
int io_parse_u64(const char *text, uint64_t max, uint64_t *value);

#endif
