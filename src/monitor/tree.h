// Subcommands that make and unmake file trees: untar, tar, copy, compare, rm (PROTOCOL.md), and the one piece of them `mon` needs.
#ifndef LICHEN_TREE_H
#define LICHEN_TREE_H

struct buffer;

// argv[0] is the subcommand's name, as main() of a program of its own would get it.
int untar_main(int argc, char **argv);
int tar_main(int argc, char **argv);
int copy_main(int argc, char **argv);
int compare_main(int argc, char **argv);
int rm_main(int argc, char **argv);
int chown_main(int argc, char **argv);

// Removes path and everything below it, whatever the owners and modes; "already gone" is success. Follows no symbolic
// link in path's last component or below, and never enters another mount (EXDEV). -1 with errno at the first thing
// that cannot be removed; the rest then stays.
int tree_remove(const char *path);

// The same for one name in a directory; where (or NULL) then says which path, relative to dirfd, could not be removed.
int tree_remove_at(int dirfd, const char *name, struct buffer *where);

#endif
