// A directory of another container, shown in our own mount namespace: a plain bind mount cannot reach from one to the other.
#ifndef LICHEN_GRAFT_H
#define LICHEN_GRAFT_H

// `graft PID PATH TARGET`
int graft_main(int argc, char **argv);

#endif
