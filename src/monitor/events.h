// The store's event log: one line for what becomes of a container (PROTOCOL.md, Files). Writes only; a log that cannot
// be written is said once a line on stderr and stops nothing.
#ifndef LICHEN_EVENTS_H
#define LICHEN_EVENTS_H

#include "spec.h"

// details: more JSON members, each with a comma after it, or "". Nothing without `events` in the spec.
void events_write(const struct spec *spec, const char *status, const char *details);

// For an event that is written when the event file is gone: its text, to be given back to events_write_of.
void events_read(const struct spec *spec, struct buffer *text);
void events_write_of(const struct spec *spec, const char *status, const char *details, const struct buffer *text);

#endif
