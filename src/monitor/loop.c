// One poll(2) over everything a monitor listens to, see loop.h.
#include "loop.h"

#include "children.h"
#include "clock.h"
#include "deadlines.h"
#include "health.h"
#include "notify.h"
#include "restart_ask.h"
#include "streams.h"

#define CLIENT_LIMIT 64
#define EVENTS_PER_TURN 16 // so that a client that never stops talking cannot starve the others
#define REST_MS 1000
#define QUEUE_LIMIT 65536 // answers that a client asks for and does not take

enum slot { SLOT_SIGNAL, SLOT_LISTEN, SLOT_CONSOLE, SLOT_OUT, SLOT_ERR, SLOT_INPUT, SLOT_MEMORY, SLOT_CHECK, SLOT_NOTIFY,
            SLOT_CLIENTS };

void loop_apply_size(struct session *session) {
  if (session->resized && session->pty >= 0) ioctl(session->pty, TIOCSWINSZ, &session->size);
}

static bool take_size(struct session *session, char *text) {
  uint64_t rows, columns;
  char *space = strchr(text, ' ');
  if (space == NULL) return false;
  *space = '\0';
  if (io_parse_u64(text, UINT16_MAX, &rows) < 0 || io_parse_u64(space + 1, UINT16_MAX, &columns) < 0) return false;
  session->size = (struct winsize){.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  session->resized = true;
  loop_apply_size(session);
  return true;
}

static bool take_kill(struct session *session, const char *text) {
  uint64_t number;
  if (io_parse_u64(text, 64, &number) < 0 || number == 0) return false;
  children_signal_container(session, (int)number);
  return true;
}

// Nobody but the first may start what was not made to wait, and nobody what has been started: whoever waited for an answer
// then would wait for the container's end.
static bool take_start(struct session *session, const struct client *client) {
  if (session->phase != PHASE_LAUNCH || !(client->first || session->may_wait)) return false;
  return session->start_asked = true;
}

// False: not in the protocol.
static bool take_frame(struct session *session, struct client *client) {
  struct frame *frame = &client->frame;
  bool bare = frame->text[0] == '\0';
  switch (frame->type) {
  case 'g': return bare && client->first && (session->go = true);
  case 's': return bare && take_start(session, client);
  case 'a': return bare && (client->attached = true);
  case 'e':
    if (bare) input_end(&session->input);
    return bare;
  case 'i': return true; // an empty one
  case 'q': return bare && (session->last = true);
  case 'h': return bare && (client->asks = true);
  case 'n': return restart_ask(session, client, frame->text);
  case 'w': return take_size(session, frame->text);
  case 'k': return take_kill(session, frame->text);
  default: return false;
  }
}

// The container does not take its stdin at the moment, or it waits for its next run, and stdin is what this client says
// next.
static bool is_stalled(const struct session *session, const struct client *client) {
  bool full = input_is_full(&session->input) || session->phase == PHASE_RESTART;
  return full && client->header_size == FRAME_HEADER && client->frame.type == 'i';
}

static bool is_listened_to(const struct session *session, const struct client *client) {
  return !is_stalled(session, client) && client->queue.length <= QUEUE_LIMIT;
}

static void listen_to(struct session *session, struct client *client) {
  for (int count = 0; count < EVENTS_PER_TURN && client->fd >= 0; count++) {
    if (!is_listened_to(session, client)) return;
    enum client_event event = client_receive(client);
    if (event == CLIENT_NOTHING || is_stalled(session, client)) return;
    if (event == CLIENT_INPUT) {
      ssize_t size = client_read_input(client, session->chunk, CHUNK_SIZE);
      if (size == 0) return;
      if (size < 0) return client_end(client);
      input_write(&session->input, session->chunk, (size_t)size);
    } else if (event == CLIENT_END || !take_frame(session, client)) {
      return client_end(client);
    }
  }
}

static void serve_client(struct session *session, struct client *client, short events) {
  if (events == 0 || client->fd < 0) return;
  if (!client->hung_up && !client_flush(client)) return;
  if (!is_stalled(session, client)) return listen_to(session, client);
  if (events & (POLLHUP | POLLERR)) {
    client->hung_up = true; // what it sent before it closed is still the container's
    buffer_free(&client->queue);
  }
}

void loop_accept(struct session *session) {
  while (session->attach.fd >= 0 && session->clients.count < CLIENT_LIMIT) {
    int fd = unix_socket_accept(&session->attach);
    if (fd >= 0) {
      clients_add(&session->clients, fd, false, false);
      continue;
    }
    if (errno == ECONNABORTED) continue;
    session->accept_resting = errno != EAGAIN;
    return;
  }
}

static struct pollfd watch(int fd, short events) {
  return (struct pollfd){.fd = events == 0 ? -1 : fd, .events = events};
}

static struct pollfd watch_stream(const struct session *session, const struct stream *stream) {
  bool wanted = session->phase == PHASE_RUN && !stream->resting && clients_caught_up(&session->clients);
  return watch(stream->fd, wanted ? POLLIN : 0);
}

static struct pollfd watch_client(const struct session *session, const struct client *client) {
  bool stalled = is_stalled(session, client);
  if (stalled && client->hung_up) return watch(-1, 0);
  short events = (short)((is_listened_to(session, client) ? POLLIN : 0) | (client->queue.length > 0 ? POLLOUT : 0));
  return (struct pollfd){.fd = client->fd, .events = events}; // with no events still told when it closes
}

static void watch_all(const struct session *session, struct pollfd *slots) {
  bool room = session->clients.count < CLIENT_LIMIT && !session->accept_resting;
  slots[SLOT_SIGNAL] = watch(session->signal_fd, POLLIN);
  slots[SLOT_LISTEN] = watch(session->attach.fd, room ? POLLIN : 0);
  slots[SLOT_CONSOLE] = watch(console_fd(&session->console), POLLIN);
  slots[SLOT_OUT] = watch_stream(session, &session->out);
  slots[SLOT_ERR] = watch_stream(session, &session->err);
  slots[SLOT_INPUT] = watch(session->input.fd, input_is_full(&session->input) ? POLLOUT : 0);
  slots[SLOT_MEMORY] = watch(session->memory.fd, POLLPRI);
  slots[SLOT_CHECK] = watch(session->health.run.output_fd, POLLIN);
  slots[SLOT_NOTIFY] = watch(session->notify_fd, POLLIN);
  for (size_t index = 0; index < session->clients.count; index++)
    slots[SLOT_CLIENTS + index] = watch_client(session, &session->clients.list[index]);
}

// What cannot be polled for (a terminal that somebody opens again, a free descriptor) is looked at once a second.
static int rest(struct session *session, int wait_ms) {
  if (!session->out.resting && !session->accept_resting) return wait_ms;
  int64_t now = clock_ms();
  if (session->rest_end == 0) session->rest_end = now + REST_MS;
  if (now >= session->rest_end) {
    session->out.resting = session->accept_resting = false;
    session->rest_end = 0;
    return wait_ms;
  }
  int64_t left = session->rest_end - now;
  return wait_ms < 0 || wait_ms > left ? (int)left : wait_ms;
}

static void turn(struct session *session, int wait_ms) {
  struct pollfd slots[SLOT_CLIENTS + CLIENT_LIMIT + 1]; // and the first client, who needs no room
  size_t count = session->clients.count;
  wait_ms = rest(session, wait_ms);
  wait_ms = clock_wait(wait_ms, deadlines_due(session), clock_ms());
  wait_ms = clock_wait(wait_ms, health_due(session), clock_ms());
  watch_all(session, slots);
  if (poll(slots, SLOT_CLIENTS + count, wait_ms) < 0) return; // EINTR: stopped and continued

  // Clients before output: whoever asks to be attached in the same turn misses nothing of it.
  for (size_t index = 0; index < count; index++)
    serve_client(session, &session->clients.list[index], slots[SLOT_CLIENTS + index].revents);
  if (slots[SLOT_INPUT].revents != 0) input_flush(&session->input);
  if (slots[SLOT_OUT].revents != 0) stream_pump(session, &session->out);
  if (slots[SLOT_ERR].revents != 0 && clients_caught_up(&session->clients)) stream_pump(session, &session->err);
  if (slots[SLOT_CONSOLE].revents != 0) console_take(&session->console, &session->pty);
  if (slots[SLOT_MEMORY].revents != 0) memory_watch_update(&session->memory);
  if (slots[SLOT_CHECK].revents != 0) health_read(session);
  if (slots[SLOT_NOTIFY].revents != 0) notify_relay(session);
  if (slots[SLOT_SIGNAL].revents != 0) children_handle_signals(session);
  deadlines_turn(session);
  health_turn(session);
  clients_sweep(&session->clients);
  if (slots[SLOT_LISTEN].revents != 0) loop_accept(session);
}

void loop_once(struct session *session) { turn(session, 0); }

int loop_until(struct session *session, loop_goal goal, int limit_ms) {
  int64_t end = limit_ms < 0 ? 0 : clock_ms() + limit_ms;
  while (!goal(session)) {
    // Nobody is left who could ever say start: better no container than one that waits for ever.
    bool waits = session->start_asked || session->may_wait || clients_has_first(&session->clients);
    if (session->phase == PHASE_LAUNCH && !waits) session->called_off = true;
    if (session->phase == PHASE_LAUNCH && session->called_off) return -1;
    if (session->phase == PHASE_RESTART && session->last) return -1;
    int64_t left = limit_ms < 0 ? -1 : end - clock_ms();
    if (limit_ms >= 0 && left <= 0) return -1;
    turn(session, (int)left);
  }
  return 0;
}
