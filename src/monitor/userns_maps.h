// Making a new user namespace and having its id maps written from outside.
#ifndef LICHEN_USERNS_MAPS_H
#define LICHEN_USERNS_MAPS_H

#include "userns.h"

// The caller ends up in a new user namespace with the request's maps. -1: why is filled.
int userns_make(const struct userns_request *request, struct buffer *why);

#endif
