// What an engine may have left behind: mounts in our mount namespace, processes, files, cgroups. Everything is asked of the
// kernel and the file system, never of the engine.

import { mkdirSync, readdirSync, readFileSync, readlinkSync, watch } from 'node:fs'
import { join } from 'node:path'
import { isLichen } from './facts.js'
import type { Lichen } from './lichen.js'
import { waitFor } from './wait-for.js'

/** Waits until nothing of `lichen`'s containers is left; fails with the list. For use when every container is removed. */
export async function expectNothingLeft(lichen: Lichen, ids: ReadonlySet<string>): Promise<void> {
  let left: string[] = []
  const isClean = (): boolean => {
    left = [
      ...findMounts(lichen.directory),
      ...findProcesses(lichen.directory),
      ...findFiles(lichen),
      ...findEmptyCgroups(ids),
    ]
    return left.length === 0
  }
  await waitFor('an engine that leaves nothing', isClean).catch(() => {
    throw new Error(`left behind:\n  ${left.join('\n  ')}`)
  })
}

/** Mounts below `directory` in this mount namespace. podman keeps its image store mounted; lichen never mounts here. */
export function findMounts(directory: string): string[] {
  if (!isLichen) return []
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return mounts.filter((line) => line.includes(directory)).map((line) => `mount ${line}`)
}

/** Processes other than the caller whose command line, working directory or root lies in `directory`. */
export function findProcesses(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({ pid, facts: readProcessFacts(pid) }))
    .filter(({ facts }) => facts.some((fact) => fact.includes(directory)))
    .map(({ pid, facts }) => `process ${pid}: ${facts.join(' | ')}`)
}

/** Cgroups of these containers, in every hierarchy we see. Others' come and go while we look. */
function findEmptyCgroups(ids: ReadonlySet<string>): string[] {
  const isTheirs = (cgroup: string) => [...ids].some((id) => cgroup.includes(id))
  return cgroupMounts().flatMap((mount) => listContainerCgroups(mount).filter(isTheirs))
}

/** Collects the ids of all containers that a store gets from now on, also of those that are gone again at once. */
export function watchContainerIds(lichen: Lichen): { readonly ids: ReadonlySet<string>; stop(): void } {
  const ids = new Set<string>()
  if (!isLichen) return { ids, stop: () => {} }
  const directory = join(lichen.root, 'containers')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const watcher = watch(
    directory,
    (_event, name) => void (name !== null && /^[0-9a-f]{64}$/.test(name) && ids.add(name)),
  )
  return { ids, stop: () => watcher.close() }
}

/** Files that belong to a container: with none there, none of these may exist. Where they are is DESIGN's "Files". */
function findFiles(lichen: Lichen): string[] {
  if (!isLichen) return []
  const places = [join(lichen.root, 'containers'), join(lichen.root, 'names')]
  return places.flatMap((place) => listEntries(place).map((name) => `file ${join(place, name)}`))
}

function readProcessFacts(pid: string): string[] {
  // A zombie shows none of these; a process of another user shows its command line only.
  return [
    attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')),
    attempt(() => readlinkSync(`/proc/${pid}/cwd`)),
    attempt(() => readlinkSync(`/proc/${pid}/root`)),
  ]
}

function cgroupMounts(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return lines.filter((line) => / - cgroup2? /.test(line)).map((line) => line.split(' ')[4] ?? '')
}

function listContainerCgroups(directory: string): string[] {
  const children = attemptList(() => readdirSync(directory, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  )
  return children.flatMap((entry) => {
    const path = join(directory, entry.name)
    return /[0-9a-f]{64}/.test(entry.name) ? [path] : listContainerCgroups(path)
  })
}

function listEntries(directory: string): string[] {
  return attemptList(() => readdirSync(directory))
}

/** Processes and cgroups vanish while they are looked at, and others' may not be read: then there is nothing to see. */
function attempt(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}

function attemptList<T>(list: () => T[]): T[] {
  try {
    return list()
  } catch {
    return []
  }
}
