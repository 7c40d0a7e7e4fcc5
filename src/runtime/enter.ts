// The words that put a command into a running container's surroundings: `lichen-monitor ns … --`.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ContainerView } from '../model/container.js'
import { monitorProgram } from '../platform/host-facts.js'
import type { Store } from '../platform/store.js'

/**
 * The monitor's user and mount namespaces, where the runtime finds the cgroups and the rootfs it knows. A container that outlived its monitor
 * still has the user namespace; that is enough for the runtime's kill, delete and exec. `options`: more of `ns`' own.
 */
export function enterNamespaces(store: Store, view: ContainerView, options: readonly string[] = []): string[] {
  const program = monitorProgram(store.facts.env)
  const { monitor, monitorAlive } = view
  if (monitor === undefined) return []
  if (monitorAlive) return [program, 'ns', '--of', String(monitor.monitorPid), ...options, '--']
  const userns = store.userns.kind === 'none' ? [] : ['--user-of', String(monitor.containerPid)]
  return [program, 'ns', ...userns, '--mount', '--graft-cgroup', ...options, '--']
}

/** Into the container's version 1 groups, which the runtime does not know of: only root has such. */
export function joinGroups(store: Store, view: ContainerView): string[] {
  if (store.facts.uid !== 0 || view.runDir === undefined) return []
  const words = readFileSync(path.join(view.runDir, 'spec'), 'utf8').split('\0')
  return words.flatMap((word) => (word.startsWith('cgroup1=') ? ['--cgroup1', word.slice('cgroup1='.length)] : []))
}

export interface TerminalOptions {
  /** Our standard input is the terminal's. */
  readonly input: boolean
  readonly detachKeys: readonly number[]
}

/** In front of a terminal made for it, whatever ours is. */
export function onTerminal({ input, detachKeys }: TerminalOptions): string[] {
  const keys = input && detachKeys.length > 0 ? ['--detach-keys', detachKeys.join(',')] : []
  return ['--pty', ...(input ? ['--input'] : []), ...keys]
}
