// The file tree podman shows of an image archive: the field's answer to what its layers mean. With podman's `overlay` driver, its default
// where the kernel has it for users, in a store of the call's own. Works as root and rootless; leaves no process and no mount.

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tree } from '../monitor/trees.js'
import { isRoot } from './facts.js'
import { mustRun } from './process.js'
import { waitFor } from './wait-for.js'

const snapshot = join(import.meta.dirname, '../monitor/snapshot.py')

/** `store` does not exist yet; the caller removes it (in its user namespace). `name` is what the archive calls the image. */
export async function readPodmanTree(archive: string, name: string, store: string): Promise<Tree> {
  const runtimeDir = join(store, 'runtime')
  mkdirSync(runtimeDir, { recursive: true, mode: 0o700 })
  const env = { XDG_RUNTIME_DIR: runtimeDir, CONTAINERS_CONF: join(import.meta.dirname, 'podman.conf') }
  const podman = [
    'podman',
    '--root',
    join(store, 'root'),
    '--runroot',
    join(store, 'run'),
    '--storage-driver',
    'overlay',
  ]
  const engine = [...podman, '--cgroup-manager', 'cgroupfs', '--events-backend', 'none'].join(' ')
  // a mount namespace of its own: whatever podman mounts there ends with the shell
  const shell = [...(isRoot ? [] : [...podman, 'unshare']), 'unshare', '--mount', 'sh', '-ec']
  const steps = [
    `${engine} load -q -i ${archive} >&2`,
    `tree=$(${engine} image mount ${name})`,
    `python3 ${snapshot} "$tree"`,
  ]
  try {
    return JSON.parse(await mustRun([...shell, steps.join('\n')], { env })) as Tree
  } finally {
    await endPauseProcess(join(runtimeDir, 'libpod/tmp/pause.pid'))
    for (const mount of mountsBelow(store)) await mustRun(['umount', '-l', mount])
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
