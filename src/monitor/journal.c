// Sending to systemd's journal, see journal.h. Datagrams; one that is too large for the socket goes as a sealed file.
#include "journal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

#define WAIT_MS 500 // how long a journal that is behind may hold the container's output back before lines are lost
#define LINE_LIMIT 16384 // longer ones are sent in parts

// Without a newline in it: NAME=VALUE; else NAME, the length as eight bytes little endian, VALUE.
static void add_field(struct buffer *fields, const char *field) {
  const char *value = strchr(field, '=') + 1;
  size_t size = strlen(value);
  if (strchr(value, '\n') == NULL) {
    buffer_append(fields, field, strlen(field));
  } else {
    buffer_append(fields, field, (size_t)(value - field) - 1);
    buffer_append(fields, "\n", 1);
    for (size_t shift = 0; shift < 64; shift += 8) buffer_append(fields, &(char){(char)((uint64_t)size >> shift)}, 1);
    buffer_append(fields, value, size);
  }
  buffer_append(fields, "\n", 1);
}

int journal_open(struct journal *journal, const char *path, char *const *fields, size_t count) {
  *journal = JOURNAL_NONE;
  if (path == NULL) return 0;
  struct timeval wait = {.tv_usec = WAIT_MS * 1000};
  AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) < 0) return -1;
  journal->path = path;
  for (size_t index = 0; index < count; index++) add_field(&journal->fields, fields[index]);
  journal->fd = io_take(&fd);
  return 0;
}

static int send_message(const struct journal *journal, struct msghdr *message) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(journal->path);
  if (length >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(address.sun_path, journal->path, length);
  // By its name each time: a journal that was started again has another socket behind it.
  message->msg_name = &address;
  message->msg_namelen = sizeof address;
  return RETRY(sendmsg(journal->fd, message, MSG_NOSIGNAL | (journal->refused ? MSG_DONTWAIT : 0))) < 0 ? -1 : 0;
}

static int send_file(const struct journal *journal, const struct iovec *parts, int count) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control = {.space = {0}};
  struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof control};
  AUTO_CLOSE int fd = memfd_create("journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -1;
  for (int index = 0; index < count; index++)
    if (io_write_all(fd, parts[index].iov_base, parts[index].iov_len) < 0) return -1;
  // The journal reads it as it lies, so it takes only what nobody can change any more.
  if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) return -1;
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  return send_message(journal, &message);
}

static void send_line(struct journal *journal, bool is_error, const struct buffer *line, bool partial) {
  static const char mark[] = "CONTAINER_PARTIAL_MESSAGE=true\n";
  struct iovec parts[] = {
      {journal->fields.data, journal->fields.length},
      {(void *)(uintptr_t)(is_error ? "PRIORITY=3\n" : "PRIORITY=6\n"), 11},
      {(void *)(uintptr_t)mark, partial ? sizeof mark - 1 : 0},
      {(void *)(uintptr_t) "MESSAGE=", 8},
      {line->data, line->length},
      {(void *)(uintptr_t) "\n", 1},
  };
  int count = sizeof parts / sizeof parts[0];
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = sizeof parts / sizeof parts[0]};
  int sent = send_message(journal, &message);
  if (sent < 0 && (errno == EMSGSIZE || errno == ENOBUFS)) sent = send_file(journal, parts, count);
  journal->refused = sent < 0;
  if (sent == 0 || journal->warned) return;
  warn("write: journal: %s: %s", journal->path, strerror(errno));
  journal->warned = true;
}

static bool is_error(const char *stream) { return strcmp(stream, "stderr") == 0; }

void journal_write(struct journal *journal, const char *stream, const char *data, size_t size) {
  bool error = is_error(stream);
  struct buffer *rest = &journal->rest[error];
  while (journal->fd >= 0 && size > 0) {
    const char *newline = memchr(data, '\n', size);
    size_t length = newline == NULL ? size : (size_t)(newline - data);
    struct buffer line = {(char *)(uintptr_t)data, length, 0};
    if (newline == NULL || rest->length > 0) buffer_append(rest, data, length);
    if (newline != NULL) send_line(journal, error, rest->length > 0 ? rest : &line, false);
    else if (rest->length >= LINE_LIMIT) send_line(journal, error, rest, true);
    if (newline != NULL || rest->length >= LINE_LIMIT) buffer_free(rest);
    if (newline != NULL) length++;
    data += length;
    size -= length;
  }
}

void journal_flush(struct journal *journal, const char *stream) {
  bool error = is_error(stream);
  struct buffer *rest = &journal->rest[error];
  if (rest->length > 0) send_line(journal, error, rest, true);
  buffer_free(rest);
}
