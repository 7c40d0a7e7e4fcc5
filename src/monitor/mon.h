// One container's monitor (PROTOCOL.md, mon).
#ifndef LICHEN_MON_H
#define LICHEN_MON_H

int mon_main(int argc, char **argv);

#endif
