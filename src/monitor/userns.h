// The user's one shared user namespace: joined when a living process holds it, made again with the same maps when not.
// Must know nothing of containers. PROTOCOL.md, User namespaces; user_namespaces(7).
#ifndef LICHEN_USERNS_H
#define LICHEN_USERNS_H

#include "io.h"

struct userns_maps {
  char **words; // INSIDE OUTSIDE COUNT of each line, one after the other
  size_t count; // words
};

struct userns_request {
  const char *dir; // NULL: no user namespace
  const char *idmap;
  struct userns_maps uid, gid;
};

// Takes one of the keys userns_dir, idmap, uidmap, gidmap. 1: taken; 0: not such a key; -1: *why says what is wrong.
// value must live as long as the request.
int userns_accept(struct userns_request *request, const char *key, char *value, const char **why);

// What is missing from the request, or NULL when it is whole.
const char *userns_missing(const struct userns_request *request);

// Joins or makes the namespace and becomes its root; register_us lets later processes join ours. Nothing to do
// without a dir. -1: why is filled with one line.
int userns_enter(const struct userns_request *request, bool register_us, struct buffer *why);

// Takes our registration back; "not registered" is success.
void userns_unregister(const struct userns_request *request);

// Joins the user namespace at path (/proc/PID/ns/user) unless it is ours already. -1 with errno.
int userns_join_fd(int fd);

#endif
