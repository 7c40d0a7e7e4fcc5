// Reading /proc/self/mountinfo, see mountinfo.h.
#include "mountinfo.h"

#include <fcntl.h>

void mountinfo_free(struct mountinfo *found) {
  free(found->root);
  free(found->mount_point);
  *found = (struct mountinfo){0};
}

// Space, tab, newline and backslash are written as three octal digits.
static char *unescaped(const char *field) {
  char *text = xstrdup(field), *to = text;
  for (const char *from = text; *from != '\0'; to++) {
    if (from[0] == '\\' && from[1] != '\0' && from[2] != '\0' && from[3] != '\0') {
      *to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
      from += 4;
    } else {
      *to = *from++;
    }
  }
  *to = '\0';
  return text;
}

static bool has_option(const char *options, const char *wanted) {
  size_t length = strlen(wanted);
  for (const char *option = options; option != NULL; option = strchr(option, ',')) {
    if (*option == ',') option++;
    if (strncmp(option, wanted, length) == 0 && (option[length] == ',' || option[length] == '\0')) return true;
  }
  return false;
}

// ID PARENT MAJOR:MINOR ROOT MOUNT_POINT OPTIONS [TAG]... - TYPE SOURCE SUPER_OPTIONS
static void consider(char *line, const char *type, const char *option, struct mountinfo *found) {
  enum { ROOT = 3, MOUNT_POINT = 4, HEAD = 6, TYPE = 0, SUPER = 2, TAIL = 3 };
  char *head[HEAD], *tail[TAIL], *rest = line, *field;
  for (size_t index = 0; index < HEAD; index++)
    if ((head[index] = strsep(&rest, " ")) == NULL) return;
  do {
    if ((field = strsep(&rest, " ")) == NULL) return;
  } while (strcmp(field, "-") != 0);
  for (size_t index = 0; index < TAIL; index++)
    if ((tail[index] = strsep(&rest, " ")) == NULL) return;
  if (strcmp(tail[TYPE], type) != 0 || (option != NULL && !has_option(tail[SUPER], option))) return;
  mountinfo_free(found);
  found->root = unescaped(head[ROOT]);
  found->mount_point = unescaped(head[MOUNT_POINT]);
}

bool mountinfo_find(const char *type, const char *option, struct mountinfo *found) {
  AUTO_BUFFER struct buffer table = {0};
  if (io_read_file(AT_FDCWD, "/proc/self/mountinfo", &table, 64u << 20) < 0) return false;
  for (char *rest = table.data, *line; (line = strsep(&rest, "\n")) != NULL;) consider(line, type, option, found);
  return found->mount_point != NULL;
}
