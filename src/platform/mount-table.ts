// What is mounted where, as the kernel tells it (proc(5), /proc/PID/mountinfo). The only source: nothing of ours counts mounts.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Mount points of our own mount namespace, in the order they were made: a place mounted over twice is there twice. */
export function readMountPoints(): string[] {
  return parseMountPoints(readFileSync('/proc/self/mountinfo', 'utf8'))
}

/** A process whose mount namespace is not ours and has something mounted at `point`; undefined: none that we may look at. */
export function findProcessWithMount(point: string): number | undefined {
  const own = attempt(() => readlinkSync('/proc/self/ns/mnt'))
  return findInNamespaces(({ point: mounted }) => mounted === point, own === undefined ? [] : [own])
}

/** A process that has such a mount, ourselves first; undefined: none that we may look at. Each mount namespace is asked once. */
export function findMountHolder(is: (mount: Mount) => boolean): number | undefined {
  return findInNamespaces(is, [])
}

function findInNamespaces(is: (mount: Mount) => boolean, passedOver: readonly string[]): number | undefined {
  const seen = new Set(passedOver)
  const pids = [String(process.pid), ...readdirSync('/proc').filter((name) => /^\d+$/.test(name))]
  const holder = pids.find((pid) => {
    const namespace = attempt(() => readlinkSync(`/proc/${pid}/ns/mnt`))
    if (namespace === undefined || seen.has(namespace)) return false
    seen.add(namespace)
    return parseMounts(attempt(() => readFileSync(`/proc/${pid}/mountinfo`, 'utf8')) ?? '').some(is)
  })
  return holder === undefined ? undefined : Number(holder)
}

export interface Mount {
  /** Which directory of the file system is seen there. */
  readonly root: string
  readonly point: string
  readonly type: string
  /** Of the file system itself: for version 1 control groups the controllers are among them. */
  readonly superOptions: readonly string[]
}

/** Everything mounted in our own mount namespace, in the order it was made. */
export function readMounts(): Mount[] {
  return parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'))
}

export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [place = '', kind] = line.split(' - ')
    if (kind === undefined) return []
    const [, , , root = '', point = ''] = place.split(' ')
    const [type = '', , superOptions = ''] = kind.split(' ')
    return [{ root: unescapeOctal(root), point: unescapeOctal(point), type, superOptions: superOptions.split(',') }]
  })
}

/** The fifth word of each line, where space, tab, newline and backslash are octal. */
export function parseMountPoints(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point !== '')
    .map(unescapeOctal)
}

function unescapeOctal(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** undefined: another user's process, or one that ended while we looked. */
function attempt(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
