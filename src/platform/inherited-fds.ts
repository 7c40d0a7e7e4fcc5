// Descriptors that our caller has opened for a container to have (--preserve-fds): 3 and those after it.

import { readlinkSync } from 'node:fs'
import { UsageError } from '../model/errors.js'

const FIRST = 3
/** The first that Node opens for itself, at the lowest number that was free. */
const NODES_FIRST = 'anon_inode:[eventpoll]'

/** Their numbers, 3 and up. Throws UsageError when the caller has not opened as many. */
export function inheritedFds(count: number): readonly number[] {
  const fds: number[] = []
  for (let fd = FIRST; fd < FIRST + count; fd++) {
    if (!isCallers(fd))
      throw new UsageError(
        `file descriptor ${fd} is not available - the preserve-fds option requires that file descriptors must be passed`,
        { hint: `open it in the shell: lichen … ${fd}<FILE` },
      )
    fds.push(fd)
  }
  return fds
}

function isCallers(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) !== NODES_FIRST
  } catch {
    return false // not open
  }
}
