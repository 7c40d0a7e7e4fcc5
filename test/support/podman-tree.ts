// What podman makes of an image: the field's answer to what its layers mean. Every call has a store of its own, with podman's `overlay`
// driver (its default where the kernel has it for users). Works as root and rootless; leaves no process, no mount and no store.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Tree } from '../monitor/trees.js'
import { isRoot } from './facts.js'
import { mustRun } from './process.js'
import { waitFor } from './wait-for.js'

const snapshot = join(import.meta.dirname, '../monitor/snapshot.py')

/** Before a command that makes a tree of files with owners: users need a user namespace for it. */
export const asContainerRoot = isRoot ? [] : ['unshare', '--user', '--map-auto', '--map-root-user', '--']

/** `name` is what the archive calls the image. */
export function readPodmanTree(archive: string, name: string, store: string): Promise<Tree> {
  return readTreePodmanGets({ bring: ['load', '--quiet', '--input', archive], name, store })
}

export interface PodmanGets {
  /** podman's words that bring the image, said in `directory`. */
  readonly bring: readonly string[]
  readonly directory?: string
  readonly name: string
  readonly store: string
}

export async function readTreePodmanGets({ bring, directory = '/', name, store }: PodmanGets): Promise<Tree> {
  const mounted = [`tree=$(engine image mount ${name})`, `python3 ${snapshot} "$tree"`]
  return JSON.parse(await runInPodman(store, [`cd ${directory}`, `engine ${bring.join(' ')} >&2`, ...mounted])) as Tree
}

/** Runs a shell script in which `engine` is podman; returns what it printed. `store` does not exist yet. */
export async function runInPodman(store: string, steps: readonly string[]): Promise<string> {
  const runtimeDir = join(store, 'runtime')
  mkdirSync(runtimeDir, { recursive: true, mode: 0o700 })
  const env = { XDG_RUNTIME_DIR: runtimeDir, CONTAINERS_CONF: join(import.meta.dirname, 'podman.conf') }
  const places = ['--root', join(store, 'root'), '--runroot', join(store, 'run')]
  const podman = ['podman', ...places, '--storage-driver', 'overlay']
  const engine = `engine() { ${podman.join(' ')} --cgroup-manager cgroupfs --events-backend none "$@"; }`
  // a mount namespace of its own: whatever podman mounts there ends with the shell
  const shell = [...(isRoot ? [] : [...podman, 'unshare']), 'unshare', '--mount', 'sh', '-ec']
  try {
    return await mustRun([...shell, [engine, ...steps].join('\n')], { env })
  } finally {
    await endPauseProcess(join(runtimeDir, 'libpod/tmp/pause.pid'))
    for (const mount of mountsBelow(store)) await mustRun(['umount', '-l', mount])
    await mustRun([...asContainerRoot, 'rm', '-rf', join(store, 'root'), join(store, 'run')])
    rmSync(store, { recursive: true, force: true })
  }
}

/** Rootless podman leaves one behind, which holds mounts in the store. */
async function endPauseProcess(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return
  const pid = readFileSync(pidFile, 'utf8')
  process.kill(Number(pid), 'SIGKILL')
  await waitFor(`podman's pause process ${pid} to end`, () => {
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ') Z'
    return / [ZX] /.test(`${stat} `) ? true : undefined
  })
}

function mountsBelow(directory: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
  return points.filter((point) => point.startsWith(`${directory}/`)).reverse()
}
