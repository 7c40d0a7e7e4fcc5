// The one on-disk form of "deleted here" that native overlay and fuse-overlayfs both read: a character device 0/0
// hides a name of lower layers, the attribute user.overlay.opaque=y on a directory hides all of its lower contents.
#ifndef LICHEN_WHITEOUT_H
#define LICHEN_WHITEOUT_H

#include <stdbool.h>
#include <sys/stat.h>

// OCI image-spec layer.md, "Whiteouts": how archives spell it.
#define WHITEOUT_PREFIX ".wh."
#define WHITEOUT_META_PREFIX ".wh..wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"

bool whiteout_is(const struct stat *status);

// 0, or -1 with errno; EEXIST when the name is taken.
int whiteout_make(int dirfd, const char *name);

// directory may be an O_PATH descriptor. 0, or -1 with errno.
int whiteout_set_opaque(int directory);

// fd must be open for reading.
bool whiteout_is_opaque(int fd);

// Attributes that mean something to an overlay: an archive must not set them, a flattened tree must not have them.
bool whiteout_owns_xattr(const char *name);

#endif
