// PID 1 of a container: forwards signals, reaps (PROTOCOL.md, init).
#ifndef LICHEN_INIT_H
#define LICHEN_INIT_H

int init_main(int argc, char **argv);

#endif
