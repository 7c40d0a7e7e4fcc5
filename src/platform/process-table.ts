// Is a process still the one we knew? A pid alone is not an answer: it may be a zombie, or another process of that number.

import { readFileIfExists } from './files.js'

export interface ProcessStat {
  /** One letter of proc(5): R S D Z T … */
  readonly state: string
  readonly parentPid: number
  /** Clock ticks after boot, field 22 of /proc/PID/stat. */
  readonly startTicks: number
}

/** undefined: no such process, or one that ended while we looked. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  let text: string | undefined
  try {
    text = readFileIfExists(`/proc/${pid}/stat`)
  } catch {
    return undefined // ESRCH: ended between open and read
  }
  if (text === undefined) return undefined
  // comm is in parentheses and may itself hold parentheses and spaces: count from the last one
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? 'X', parentPid: Number(fields[1]), startTicks: Number(fields[19]) }
}

/** The same process as when `startTicks` was read, and not a zombie (an init that reaps late leaves those around). */
export function isSameProcess(pid: number, startTicks: number): boolean {
  const stat = readProcessStat(pid)
  return stat !== undefined && stat.startTicks === startTicks && stat.state !== 'Z' && stat.state !== 'X'
}
