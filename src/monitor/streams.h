// The container's three streams: output to log and clients, input from clients. Binary exact, nothing dropped.
#ifndef LICHEN_STREAMS_H
#define LICHEN_STREAMS_H

#include "session.h"

// Moves one chunk. False: nothing there now, or the stream has ended.
bool stream_pump(struct session *session, struct stream *stream);

// After the container's end: everything that was written before it. Queues grow by what the kernel held (often 64 kB).
void stream_drain(struct session *session, struct stream *stream);

// Takes all of data: writes what the container takes, keeps the rest. Ask input_is_full() first.
void input_write(struct input *input, const void *data, size_t size);
bool input_is_full(const struct input *input);
void input_flush(struct input *input);
void input_end(struct input *input);

#endif
