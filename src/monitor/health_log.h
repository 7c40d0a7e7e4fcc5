// health.json: what the latest checks have shown. Writes JSON, never reads it.
#ifndef LICHEN_HEALTH_LOG_H
#define LICHEN_HEALTH_LOG_H

#include "session.h"

// How much of a check's output is kept.
uint64_t health_log_output_limit(const struct spec *spec);

// Adds a result and drops the oldest that are too many.
void health_log_add(struct session *session, int code);

// Writes the file as things are now; one that cannot be written stops nothing.
void health_log_write(const struct session *session);

const char *health_log_status(enum health_status status);

#endif
