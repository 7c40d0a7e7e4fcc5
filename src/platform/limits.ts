// Our own resource limits: what a container without root can be given at most (proc(5), /proc/PID/limits).

import { readFileSync } from 'node:fs'

/** Names as `--ulimit` has them and as the kernel prints them. */
const TITLES: Readonly<Record<string, string>> = {
  as: 'Max address space',
  core: 'Max core file size',
  cpu: 'Max cpu time',
  data: 'Max data size',
  fsize: 'Max file size',
  locks: 'Max file locks',
  memlock: 'Max locked memory',
  msgqueue: 'Max msgqueue size',
  nice: 'Max nice priority',
  nofile: 'Max open files',
  nproc: 'Max processes',
  rss: 'Max resident set',
  rtprio: 'Max realtime priority',
  rttime: 'Max realtime timeout',
  sigpending: 'Max pending signals',
  stack: 'Max stack size',
}

/** The hard limit; Infinity for `unlimited`, undefined for a name the kernel does not print. */
export function readHardLimit(name: string): number | undefined {
  const title = TITLES[name]
  if (title === undefined) return undefined
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${title} `))
  const hard = line?.slice(title.length).trim().split(/\s+/)[1]
  return hard === undefined ? undefined : hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}
