// Descriptors that our caller has opened for a container to have (--preserve-fds, --preserve-fd): never one that we have opened ourselves.

import { openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { UsageError } from '../model/errors.js'

const FIRST = 3
/** The first that Node opens for itself, at the lowest number that was free. */
const NODES_FIRST = 'anon_inode:[eventpoll]'
/** fcntl.h: what an exec closes. Node sets it for all it has, but the caller's with high numbers. */
const O_CLOEXEC = 0o2000000
const O_ACCMODE = 0o3

export interface WantedFds {
  /** So many, from 3. */
  readonly preserveFds: number
  /** By their numbers, these as well. */
  readonly singleFds: readonly number[]
}

/**
 * What a container gets as its descriptors 3, 4 and so on, up to the last that is wanted. One in between that is not wanted is /dev/null: were it closed, the runtime might open something of its own
 * there and leave it to the container. Throws UsageError when the caller has not opened what is wanted.
 */
export function inheritedFds({ preserveFds, singleFds }: WantedFds): readonly number[] {
  if (preserveFds === 0 && singleFds.length === 0) return []
  const open = openFds()
  for (const fd of singleFds) requireCallers(open, fd, 'preserve-fd')
  const end = Math.max(FIRST + preserveFds, ...singleFds.map((fd) => fd + 1))
  let nothing: number | undefined
  const fds: number[] = []
  for (let fd = FIRST; fd < end; fd++) {
    const isCounted = fd < FIRST + preserveFds
    if (isCounted) requireCallers(open, fd, 'preserve-fds')
    if (!isCounted && !singleFds.includes(fd)) nothing ??= openSync('/dev/null', 'r+')
    fds.push(isCounted || singleFds.includes(fd) ? fd : (nothing as number))
  }
  return fds
}

interface OpenFd {
  readonly link: string
  /** As of open(2). */
  readonly flags: number
}
type OpenFds = ReadonlyMap<number, OpenFd>

function openFds(): OpenFds {
  const open = new Map<number, OpenFd>()
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      const info = readFileSync(`/proc/self/fdinfo/${name}`, 'latin1')
      const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? '', 8)
      open.set(Number(name), { link: readlinkSync(`/proc/self/fd/${name}`), flags })
    } catch {
      // the one by which we are reading
    }
  }
  return open
}

function requireCallers(open: OpenFds, fd: number, option: string): void {
  if (isCallers(open, fd)) return
  throw new UsageError(
    `file descriptor ${fd} is not available - the ${option} option requires that file descriptors must be passed`,
    { hint: `open it in the shell: lichen … ${fd}<FILE` },
  )
}

/** Below Node's first all are. Above it Node's are anonymous inodes, and pipes of which it has both ends. */
function isCallers(open: OpenFds, fd: number): boolean {
  const { link, flags } = open.get(fd) ?? {}
  if (link === undefined || flags === undefined) return false
  const first = Math.min(...[...open].flatMap(([other, { link }]) => (link === NODES_FIRST ? [other] : [])))
  if (fd < first || (flags & O_CLOEXEC) === 0) return true
  const isOtherEnd = (other: OpenFd) => other.link === link && ((other.flags ^ flags) & O_ACCMODE) !== 0
  const hasBothEnds = link.startsWith('pipe:') && [...open.values()].some(isOtherEnd)
  return !link.startsWith('anon_inode:') && !hasBothEnds
}
