// Moving a container's bytes, see streams.h.
#include "streams.h"

#include <poll.h>

// A container that never stops writing must not keep its monitor from ending (a process outside its pid namespace may
// still hold the terminal).
#define TTY_DRAIN_LIMIT (4u << 20)
#define TTY_QUIET_MS 100
#define JOURNAL_CHUNK 1024 // each line of it may have to wait for the journal, and all else for that

static void stream_end(struct stream *stream) {
  if (stream->is_tty) stream->fd = -1; // the session closes the terminal
  else io_close(&stream->fd);
}

// Bytes moved, 0 for none.
static size_t move(struct session *session, struct stream *stream, size_t size) {
  if (stream->fd < 0) return 0;
  ssize_t got = RETRY(read(stream->fd, session->chunk, size < CHUNK_SIZE ? size : CHUNK_SIZE));
  if (got < 0 && errno == EAGAIN) return 0;
  if (got < 0 && stream->is_tty && errno == EIO) {
    stream->resting = true; // nobody has it open; in a running container somebody may open it again
    return 0;
  }
  if (got <= 0) return stream_end(stream), 0;
  log_write(&session->log, stream->name, session->chunk, (size_t)got);
  journal_write(&session->journal, stream->name, session->chunk, (size_t)got);
  clients_send(&session->clients, THE_ATTACHED, stream->type, session->chunk, (size_t)got);
  return (size_t)got;
}

bool stream_pump(struct session *session, struct stream *stream) {
  return move(session, stream, session->journal.fd < 0 ? CHUNK_SIZE : JOURNAL_CHUNK) > 0;
}

// The first process has ended. What it wrote lies in the pipe; what others write later is not waited for.
static void drain_pipe(struct session *session, struct stream *stream) {
  int there = 0;
  if (stream->fd < 0 || ioctl(stream->fd, FIONREAD, &there) < 0) return;
  for (size_t left = (size_t)there, moved; left > 0; left -= moved)
    if ((moved = move(session, stream, left)) == 0) break;
}

// A terminal says EIO when all was read and all have closed it. Its buffers are flushed by a kernel worker, so "nothing
// there" may be said too early; hence the short wait.
static void drain_tty(struct session *session, struct stream *stream) {
  for (size_t total = 0; total < TTY_DRAIN_LIMIT;) {
    struct pollfd ready = {.fd = stream->fd, .events = POLLIN};
    stream->resting = false;
    if (stream->fd < 0 || RETRY(poll(&ready, 1, TTY_QUIET_MS)) <= 0) break;
    size_t moved = move(session, stream, CHUNK_SIZE);
    if (moved == 0) break;
    total += moved;
  }
}

void stream_drain(struct session *session, struct stream *stream) {
  if (stream->is_tty) drain_tty(session, stream);
  else drain_pipe(session, stream);
  stream_end(stream);
  journal_flush(&session->journal, stream->name);
}

bool input_is_full(const struct input *input) { return input->rest.length > 0; }

static void input_close(struct input *input) {
  buffer_free(&input->rest);
  if (!input->is_tty) io_close(&input->fd);
}

void input_flush(struct input *input) {
  if (input->rest.length > 0) {
    ssize_t written = input->fd < 0 ? -1 : RETRY(write(input->fd, input->rest.data, input->rest.length));
    if (written < 0 && errno == EAGAIN) return;
    if (written < 0) return input_close(input); // nobody reads any more
    buffer_drop_front(&input->rest, (size_t)written);
  }
  if (input->rest.length > 0) return;
  buffer_free(&input->rest);
  if (input->closing) input_close(input);
}

void input_write(struct input *input, const void *data, size_t size) {
  if (input->fd < 0 || input->closing || size == 0) return;
  ssize_t written = 0;
  if (input->rest.length == 0) {
    written = RETRY(write(input->fd, data, size));
    if (written < 0 && errno != EAGAIN) return input_close(input);
    if (written < 0) written = 0;
  }
  if ((size_t)written < size) buffer_append(&input->rest, (const char *)data + written, size - (size_t)written);
}

void input_end(struct input *input) {
  if (input->is_tty) return input_write(input, "\004", 1); // ^D: a terminal has no other end
  input->closing = true;
  input_flush(input);
}
