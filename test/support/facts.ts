// What this leg of the suite is: which user, which subject, which doors of the host are open, which programs are there.
// Tests decide with these facts whether they apply (not registered otherwise) or must be skipped (a failure in CI).

import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

export const repository = resolve(import.meta.dirname, '../..')

const CGROUP2_MAGIC = 0x63677270

export const isRoot = process.getuid?.() === 0
export const isStrict = process.env.STRICT === '1'
/** The engine under test: the suite is proven against podman where podman has the feature. */
export const subject: 'lichen' | 'podman' = process.env.SUBJECT === 'podman' ? 'podman' : 'lichen'
export const isLichen = subject === 'lichen'

export const hasCgroup2 = statfsSync('/sys/fs/cgroup').type === CGROUP2_MAGIC
export const isFuseOpen = isOpen('/dev/fuse')
export const isTunOpen = isOpen('/dev/net/tun')

/** Where a program is on PATH (and in the sbin directories, which an unprivileged user's PATH may lack). */
export function findProgram(name: string): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return directories.map((directory) => join(directory, name)).find(isExecutable)
}

/** The caller's first subordinate uid range in /etc/subuid, by name or number. */
export function readSubuidRange(): { readonly start: number; readonly count: number } | undefined {
  const owners = [String(process.getuid?.()), process.env.USER ?? '']
  for (const line of readFileSync('/etc/subuid', 'utf8').split('\n')) {
    const [owner = '', start, count] = line.split(':')
    if (owners.includes(owner)) return { start: Number(start), count: Number(count) }
  }
  return undefined
}

function isOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
