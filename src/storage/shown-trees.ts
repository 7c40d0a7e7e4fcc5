// Containers' trees mounted where the caller is, for people to look into: at the very place where the monitor has them in its own mount
// namespace. What is mounted is asked of the kernel; the mark on disk only tells whom it is worth asking about.

import path from 'node:path'
import { HostError } from '../model/errors.js'
import { findMountHolder, readMounts } from '../platform/mount-table.js'
import type { StorePaths } from '../platform/paths.js'
import type { Store } from '../platform/store.js'
import { stackOptions, type TreeStack } from './tree-stack.js'

/** Is there once the container's tree has been shown, by whomever; a kill or a reboot leaves it, and it is harmless. */
export function shownMark({ containers }: Pick<StorePaths, 'containers'>, id: string): string {
  return path.join(containers, id, 'shown')
}

/** Ids of the containers whose trees are mounted, as this process sees it. */
export function listShownTrees({ containers }: StorePaths): string[] {
  const ids = readMounts().map(({ point }) => shownId(containers, point))
  return [...new Set(ids.filter((id) => id !== undefined))]
}

function shownId(containers: string, point: string): string | undefined {
  const [id = '', ...below] = path.relative(containers, point).split('/')
  return id !== '..' && below.at(-1) === 'merged' ? id : undefined
}

/** What the monitor has mounted, here as well. */
export async function showMonitored(store: Store, monitorPid: number, { target }: TreeStack): Promise<void> {
  const { runProgram } = await import('../platform/monitor-tools.js')
  const { monitorProgram } = await import('../platform/host-facts.js')
  await runProgram([monitorProgram(store.facts.env), 'graft', String(monitorPid), target, target], 'graft')
}

/** Read-only, for there is no monitor. */
export async function showStack(store: Store, stack: TreeStack): Promise<void> {
  const { cwd, target } = stack
  const options = stackOptions(stack)
  if (stack.driver === 'overlay') {
    const { runTool } = await import('../platform/process.js')
    await runTool(['mount', '-t', 'overlay', '-o', options, 'overlay', target], { cwd })
    return
  }
  const { findProgram } = await import('../platform/host-facts.js')
  const { mountFuse } = await import('../platform/fuse-mount.js')
  await mountFuse({ program: findProgram('fuse-overlayfs', store.facts.env) ?? 'fuse-overlayfs', options, cwd, target })
}

/**
 * A process that still has what an earlier monitor had mounted, so that the container's own directory may not be mounted again; undefined: none.
 * Those that show it read-only are no hindrance.
 */
export function findHolder({ containers }: StorePaths, id: string): number | undefined {
  return findMountHolder(({ point, superOptions }) => shownId(containers, point) === id && superOptions.includes('rw'))
}

/** Idempotent. `force`: also when somebody works in it; it then goes when they leave. Throws HostError when it is busy. */
export async function hideTree({ paths }: Store, id: string, { force }: { readonly force: boolean }): Promise<void> {
  const points = readMounts().filter(({ point }) => shownId(paths.containers, point) === id)
  if (points.length === 0) return
  const { runTool } = await import('../platform/process.js')
  for (const { point } of points) {
    try {
      await runTool(['umount', ...(force ? ['--lazy'] : []), point], { env: { LC_ALL: 'C' } })
    } catch (cause) {
      if (!(cause instanceof Error) || !/busy/.test(cause.message)) throw cause
      throw new HostError(`unmount: ${point}: somebody works in it`, { cause, hint: 'leave it, or use --force' })
    }
  }
}
