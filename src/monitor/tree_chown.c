// `chown`: gives a tree to another owner (PROTOCOL.md). What it walks may be changed meanwhile by whoever shares it.
#include "tree.h"

#include "safe_path.h"
#include "tree_cursor.h"

#include <fcntl.h>
#include <stdint.h>

struct gift {
  struct tree_cursor cursor;
  uid_t uid;
  gid_t gid;
  struct buffer *where;
};

static int remember_where(struct gift *gift, const char *name) {
  int error = errno;
  tree_cursor_path(&gift->cursor, name, gift->where);
  errno = error;
  return -1;
}

// A change of owner takes set-user-ID bits and file capabilities away: what has its owner already keeps them.
static int give(struct gift *gift, int dirfd, const char *name) {
  struct stat found;
  if (fstatat(dirfd, name, &found, AT_SYMLINK_NOFOLLOW) < 0) return errno == ENOENT ? 0 : -1;
  if (found.st_uid == gift->uid && found.st_gid == gift->gid) return 0;
  if (fchownat(dirfd, name, gift->uid, gift->gid, AT_SYMLINK_NOFOLLOW) == 0 || errno == ENOENT) return 0;
  return -1;
}

static int give_found(void *context, const struct dirent *found) {
  struct gift *gift = context;
  struct stat status;
  if (give(gift, gift->cursor.fd, found->d_name) < 0) return remember_where(gift, found->d_name);
  bool is_directory = found->d_type == DT_DIR;
  if (found->d_type == DT_UNKNOWN)
    is_directory = fstatat(gift->cursor.fd, found->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
  if (is_directory) tree_cursor_put(&gift->cursor, found->d_name);
  return 0;
}

// What is mounted in there is another tree; what went meanwhile, or became something else, is nobody's to give.
static int enter(struct gift *gift, const char *name) {
  if (tree_cursor_enter(&gift->cursor, name) == 0) return tree_cursor_scan(&gift->cursor, give_found, gift);
  if (errno == EXDEV || errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return 0;
  return remember_where(gift, name);
}

static int give_below(struct gift *gift) {
  if (tree_cursor_scan(&gift->cursor, give_found, gift) < 0) return -1;
  for (;;) {
    const char *name = tree_cursor_next(&gift->cursor);
    if (name != NULL) {
      AUTO_FREE char *copy = xstrdup(name);
      if (enter(gift, copy) < 0) return -1;
    } else if (gift->cursor.depth > 1) {
      AUTO_FREE char *left = NULL;
      if (tree_cursor_leave(&gift->cursor, &left) < 0) return remember_where(gift, "..");
    } else {
      return 0;
    }
  }
}

static int give_tree(struct gift *gift, const char *path) {
  struct stat found;
  // By one descriptor: whoever can put a link in the path's place has it given away itself, and nothing it leads to.
  AUTO_CLOSE int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &found) < 0) return -1;
  bool is_given = found.st_uid == gift->uid && found.st_gid == gift->gid;
  if (!is_given && fchownat(fd, "", gift->uid, gift->gid, AT_EMPTY_PATH) < 0) return -1;
  if (!S_ISDIR(found.st_mode)) return 0;
  if (tree_cursor_open(&gift->cursor, fd, ".", true) < 0) return -1;
  int given = give_below(gift);
  int error = errno;
  tree_cursor_close(&gift->cursor);
  errno = error;
  return given;
}

static int parse_owner(const char *text, struct gift *gift) {
  AUTO_FREE char *uid = xstrdup(text);
  char *gid = strchr(uid, ':');
  uint64_t numbers[2];
  if (gid == NULL) return -1;
  *gid++ = '\0';
  if (io_parse_u64(uid, UINT32_MAX - 1, &numbers[0]) < 0 || io_parse_u64(gid, UINT32_MAX - 1, &numbers[1]) < 0)
    return -1;
  gift->uid = (uid_t)numbers[0];
  gift->gid = (gid_t)numbers[1];
  return 0;
}

int chown_main(int argc, char **argv) {
  AUTO_BUFFER struct buffer where = {0};
  char shown[SAFE_SHOWN_SIZE];
  struct gift gift = {.where = &where};
  if (argc < 3 || parse_owner(argv[1], &gift) < 0) die(CODE_USAGE, "chown: arguments: want UID:GID PATH...");
  for (int index = 2; index < argc; index++) {
    buffer_clear(&where);
    if (give_tree(&gift, argv[index]) == 0) continue;
    int error = errno;
    const char *inner = where.data == NULL ? "" : where.data;
    die(CODE_HOST, "chown: %s%s%s: %s", argv[index], inner[0] == '\0' ? "" : "/", safe_shown(inner, shown), strerror(error));
  }
  return CODE_OK;
}
