// passwd and group of a running container, read inside its rootfs (never by following a link of its out of it).

import path from 'node:path'
import type { ContainerView } from '../model/container.js'
import { readFileIfExists } from '../platform/files.js'
import { monitorProgram } from '../platform/host-facts.js'
import { runProgram, tryInNamespace } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { enterNamespaces } from './enter.js'
import { decodeFiles } from './frames.js'
import type { UserFiles } from './passwd.js'

/** Files that lichen itself mounted into the container come first: there the user and group it added are known. */
export async function readUserFiles(store: Store, view: ContainerView): Promise<UserFiles> {
  const dir = path.join(store.paths.containers, view.record.id)
  const program = enterNamespaces(store, view)
  const output = await runProgram([
    ...program,
    program[0] ?? '',
    'read',
    path.join(dir, 'merged'),
    '/etc/passwd',
    '/etc/group',
  ])
  const [passwd, group] = decodeFiles(output)
  const own = (name: string): string | undefined => readFileIfExists(path.join(dir, 'etc', name))
  return { passwd: own('passwd') ?? passwd, group: own('group') ?? group }
}

/** Files of a tree that is nobody's container; undefined: it has no such file, or one that cannot be read. */
export async function readTreeFiles(
  store: Store,
  root: string,
  files: readonly string[],
): Promise<(string | undefined)[]> {
  const { code, stdout } = await tryInNamespace(store, [monitorProgram(store.facts.env), 'read', root, ...files])
  return code === 0 ? decodeFiles(stdout) : files.map(() => undefined)
}

/** Mounts the shared memory of a container that runs, as `pid` sees it, at `target` where the monitor of another sees it. */
export async function graftSharedMemory(
  store: Store,
  { pid, monitorPid, target }: { readonly pid: number; readonly monitorPid: number; readonly target: string },
): Promise<void> {
  const program = monitorProgram(store.facts.env)
  const enter = [program, 'ns', '--of', String(monitorPid), '--']
  await runProgram([...enter, program, 'graft', String(pid), '/dev/shm', target], 'graft')
}
