// The notify socket and its relay, see notify.h.
#include "notify.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define MESSAGE_LIMIT 4096

// What cannot be said is told once: the container can make us say as much as it likes.
static void say(struct session *session, const char *text, size_t size) {
  const char *address = session->runtime->spec->notify_socket;
  if (size == 0 || unix_socket_say(address, text, size) == 0) return;
  if (!session->notify_warned) warn("notify: %s: %s", address, strerror(errno));
  session->notify_warned = true;
}

int notify_open(struct session *session) {
  const struct spec *spec = session->runtime->spec;
  AUTO_BUFFER struct buffer path = {0};
  if (spec->notify_socket == NULL || spec->notify != NOTIFY_CONTAINER) return 0;
  if (mkdirat(session->run_dirfd, "notify", 0755) < 0 && errno != EEXIST) return -1;
  buffer_printf(&path, "%s/notify/notify.sock", spec->run_dir);
  session->notify_fd = unix_socket_hear(path.data);
  return session->notify_fd < 0 ? -1 : 0;
}

void notify_close(struct session *session) {
  if (session->notify_fd < 0) return;
  io_close(&session->notify_fd);
  unlinkat(session->run_dirfd, "notify/notify.sock", 0);
  unlinkat(session->run_dirfd, "notify", AT_REMOVEDIR);
}

void notify_ready(struct session *session) {
  char text[48];
  if (session->runtime->spec->notify_socket == NULL || session->ready_said) return;
  session->ready_said = true;
  snprintf(text, sizeof text, "MAINPID=%d\nREADY=1\n", (int)getpid());
  say(session, text, strlen(text));
}

static bool is_relayed(const char *line) {
  static const char *const names[] = {"STATUS=", "WATCHDOG=", "EXTEND_TIMEOUT_USEC="};
  for (size_t index = 0; index < sizeof names / sizeof names[0]; index++)
    if (strncmp(line, names[index], strlen(names[index])) == 0) return true;
  return false;
}

void notify_relay(struct session *session) {
  AUTO_BUFFER struct buffer relayed = {0};
  char message[MESSAGE_LIMIT];
  ssize_t size = RETRY(recv(session->notify_fd, message, sizeof message - 1, MSG_DONTWAIT));
  if (size <= 0) return;
  message[size] = '\0';
  for (char *rest = message, *line; (line = strsep(&rest, "\n")) != NULL;) {
    if (strcmp(line, "READY=1") == 0) notify_ready(session);
    if (is_relayed(line)) buffer_printf(&relayed, "%s\n", line);
  }
  say(session, relayed.data, relayed.length);
}
