// The root file system of a container that does not run, mounted for one command.
#ifndef LICHEN_MOUNTED_H
#define LICHEN_MOUNTED_H

// `mounted KEY=VALUE... -- CMD [ARG...]`
int mounted_main(int argc, char **argv);

#endif
