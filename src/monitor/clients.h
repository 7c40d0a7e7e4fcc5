// Who is connected: frames in, frames out (PROTOCOL.md, Frames). Each client has its own queue of what it has not taken
// yet; whoever produces output asks clients_caught_up() first, so queues stay one chunk long and nothing is dropped.
#ifndef LICHEN_CLIENTS_H
#define LICHEN_CLIENTS_H

#include "io.h"

#include <poll.h>

#define FRAME_HEADER 5
#define FRAME_TEXT_LIMIT 31 // the longest text payload a client may send, with room to spare

struct frame {
  char type;
  char text[FRAME_TEXT_LIMIT + 1]; // NUL-terminated
};

struct client {
  int fd;
  bool first;          // fd 3: may say go and start
  bool attached;       // gets the output
  bool asks;           // for a health check
  bool waits;          // for the next run, which it has asked for
  bool hung_up;        // closed, but with stdin of it still to be read
  uint8_t header[FRAME_HEADER];
  uint32_t header_size; // bytes of header there are
  uint32_t left;        // bytes of the current payload not read yet
  struct frame frame;   // being received
  struct buffer queue;  // frames not sent yet; memory is given back whenever it is empty
};

struct clients {
  struct client *list;
  size_t count;
};

enum audience { EVERYONE, THE_FIRST, THE_ATTACHED, THE_ASKING, THE_WAITING };

void clients_add(struct clients *clients, int fd, bool first, bool attached);

// Sends now what the socket takes, keeps the rest.
void clients_send(struct clients *clients, enum audience audience, char type, const void *data, size_t size);

// No attached client has anything left to take.
bool clients_caught_up(const struct clients *clients);
// No client at all has.
bool clients_all_served(const struct clients *clients);
bool clients_has_first(const struct clients *clients);

// Somebody waits for a health check; and: nobody does any more.
bool clients_ask(const struct clients *clients);
void clients_answered(struct clients *clients);

// Somebody waits for the next run; and: it is there, or will never be.
bool clients_wait(const struct clients *clients);
void clients_waited(struct clients *clients);

// Sends from the queue. False: the client is gone.
bool client_flush(struct client *client);

enum client_event {
  CLIENT_NOTHING, // all read that was there
  CLIENT_FRAME,   // client->frame is whole
  CLIENT_INPUT,   // next come client->left bytes of stdin: client_read_input()
  CLIENT_END,     // closed, or said what is not in the protocol
};

enum client_event client_receive(struct client *client);

// Some of the announced stdin bytes: 0 nothing there now, -1 the client is gone.
ssize_t client_read_input(struct client *client, void *data, size_t size);

void client_end(struct client *client);
// Forgets the ended ones; pointers and indexes into the list are invalid afterwards.
void clients_sweep(struct clients *clients);

#endif
