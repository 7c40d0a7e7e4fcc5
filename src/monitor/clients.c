// Clients of a monitor, see clients.h. Every call is non-blocking by flag: the socket's own mode is shared with nobody,
// but fd 3 came from the caller and is left as it was.
#include "clients.h"

#include <sys/socket.h>
#include <sys/uio.h>

#define FRAME_LIMIT 65536u

void clients_add(struct clients *clients, int fd, bool first, bool attached) {
  clients->list = xrealloc_array(clients->list, clients->count + 1, sizeof *clients->list);
  clients->list[clients->count++] = (struct client){.fd = fd, .first = first, .attached = attached};
}

void client_end(struct client *client) {
  io_close(&client->fd);
  buffer_free(&client->queue);
}

void clients_sweep(struct clients *clients) {
  size_t kept = 0;
  for (size_t index = 0; index < clients->count; index++)
    if (clients->list[index].fd >= 0) clients->list[kept++] = clients->list[index];
  clients->count = kept;
}

static bool is_in(const struct client *client, enum audience audience) {
  if (client->fd < 0 || client->hung_up) return false;
  switch (audience) {
  case EVERYONE: return true;
  case THE_FIRST: return client->first;
  case THE_ATTACHED: return client->attached;
  case THE_ASKING: return client->asks;
  case THE_WAITING: return client->waits;
  }
  return false;
}

static void send_frame(struct client *client, const uint8_t header[FRAME_HEADER], const void *data, size_t size) {
  ssize_t sent = 0;
  if (client->queue.length == 0) {
    struct iovec parts[] = {{(void *)(uintptr_t)header, FRAME_HEADER}, {(void *)(uintptr_t)data, size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    sent = RETRY(sendmsg(client->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
    if (sent < 0 && errno != EAGAIN) return client_end(client);
    if (sent < 0) sent = 0;
  }
  if (sent < FRAME_HEADER) buffer_append(&client->queue, header + sent, FRAME_HEADER - (size_t)sent);
  size_t of_data = sent < FRAME_HEADER ? 0 : (size_t)sent - FRAME_HEADER;
  if (of_data < size) buffer_append(&client->queue, (const char *)data + of_data, size - of_data);
}

void clients_send(struct clients *clients, enum audience audience, char type, const void *data, size_t size) {
  uint8_t header[FRAME_HEADER] = {(uint8_t)type, (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16),
                                  (uint8_t)(size >> 24)};
  for (size_t index = 0; index < clients->count; index++)
    if (is_in(&clients->list[index], audience)) send_frame(&clients->list[index], header, data, size);
}

bool client_flush(struct client *client) {
  if (client->fd < 0) return false;
  if (client->queue.length == 0) return true;
  ssize_t sent =
      RETRY(send(client->fd, client->queue.data, client->queue.length, MSG_DONTWAIT | MSG_NOSIGNAL));
  if (sent < 0 && errno != EAGAIN) {
    client_end(client);
    return false;
  }
  if (sent > 0) buffer_drop_front(&client->queue, (size_t)sent);
  if (client->queue.length == 0) buffer_free(&client->queue);
  return true;
}

static bool none_waits(const struct clients *clients, enum audience audience) {
  for (size_t index = 0; index < clients->count; index++)
    if (is_in(&clients->list[index], audience) && clients->list[index].queue.length > 0) return false;
  return true;
}

bool clients_caught_up(const struct clients *clients) { return none_waits(clients, THE_ATTACHED); }
bool clients_all_served(const struct clients *clients) { return none_waits(clients, EVERYONE); }

bool clients_has_first(const struct clients *clients) {
  for (size_t index = 0; index < clients->count; index++)
    if (clients->list[index].first && clients->list[index].fd >= 0) return true;
  return false;
}

bool clients_ask(const struct clients *clients) {
  for (size_t index = 0; index < clients->count; index++)
    if (clients->list[index].asks && clients->list[index].fd >= 0) return true;
  return false;
}

void clients_answered(struct clients *clients) {
  for (size_t index = 0; index < clients->count; index++) clients->list[index].asks = false;
}

bool clients_wait(const struct clients *clients) {
  for (size_t index = 0; index < clients->count; index++)
    if (is_in(&clients->list[index], THE_WAITING)) return true;
  return false;
}

void clients_waited(struct clients *clients) {
  for (size_t index = 0; index < clients->count; index++) clients->list[index].waits = false;
}

// -1: the client is gone; 0: nothing there now.
static ssize_t receive_some(struct client *client, void *data, size_t size) {
  ssize_t got = RETRY(recv(client->fd, data, size, MSG_DONTWAIT));
  if (got > 0) return got;
  return got < 0 && errno == EAGAIN ? 0 : -1;
}

static enum client_event begin_frame(struct client *client) {
  const uint8_t *header = client->header;
  client->frame.type = (char)header[0];
  client->left = (uint32_t)header[1] | (uint32_t)header[2] << 8 | (uint32_t)header[3] << 16 | (uint32_t)header[4] << 24;
  client->frame.text[0] = '\0';
  if (client->left > FRAME_LIMIT) return CLIENT_END;
  if (client->frame.type == 'i') {
    if (client->left == 0) client->header_size = 0;
    return client->left == 0 ? CLIENT_FRAME : CLIENT_INPUT;
  }
  return client->left > FRAME_TEXT_LIMIT ? CLIENT_END : CLIENT_NOTHING;
}

static enum client_event receive_text(struct client *client) {
  size_t have = strlen(client->frame.text);
  if (client->left > 0) {
    ssize_t got = receive_some(client, client->frame.text + have, client->left);
    if (got < 0) return CLIENT_END;
    client->frame.text[have + (size_t)got] = '\0';
    if (strlen(client->frame.text) != have + (size_t)got) return CLIENT_END; // a NUL is not text
    client->left -= (uint32_t)got;
  }
  if (client->left > 0) return CLIENT_NOTHING;
  client->header_size = 0;
  return CLIENT_FRAME;
}

enum client_event client_receive(struct client *client) {
  if (client->header_size < FRAME_HEADER) {
    ssize_t got = receive_some(client, client->header + client->header_size, FRAME_HEADER - client->header_size);
    if (got < 0) return CLIENT_END;
    client->header_size += (uint32_t)got;
    if (client->header_size < FRAME_HEADER) return CLIENT_NOTHING;
    enum client_event event = begin_frame(client);
    if (event != CLIENT_NOTHING) return event;
  }
  return client->frame.type == 'i' ? CLIENT_INPUT : receive_text(client);
}

ssize_t client_read_input(struct client *client, void *data, size_t size) {
  ssize_t got = receive_some(client, data, size < client->left ? size : client->left);
  if (got <= 0) return got;
  client->left -= (uint32_t)got;
  if (client->left == 0) client->header_size = 0;
  return got;
}
