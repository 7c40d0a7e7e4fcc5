// Log rotation: LOG becomes LOG.1, that LOG.2 and so on; of all of them max_files are kept.
#ifndef LICHEN_LOG_ROTATE_H
#define LICHEN_LOG_ROTATE_H

#include "log.h"

// Called between two lines when the next would make the log too large. There is a file called LOG at every moment, and no
// line is in none of them. What cannot be done is said once; the log then goes on as it is, and as much later it is tried
// again.
void log_rotate(struct log *log);

#endif
