// The file tree a stack of unpacked layers shows: mounted with native overlay as the monitor mounts it, or flattened by the copy driver.
// Seen from inside the user's namespace, as a container sees it.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorProgram } from '../../src/platform/host-facts.js'
import { runTool } from '../../src/platform/monitor-tools.js'
import type { Store } from '../../src/platform/store.js'
import { usernsOptions } from '../../src/platform/userns.js'
import type { Tree } from '../monitor/trees.js'
import { mustRun } from './process.js'

const snapshot = readFileSync(join(import.meta.dirname, '../monitor/snapshot.py'))

/** Words before a command that runs in the user's namespace and a mount namespace of its own. */
function enter(store: Store): string[] {
  const program = monitorProgram(store.facts.env)
  if (store.userns.kind === 'none') return ['unshare', '--mount']
  return [program, 'ns', ...usernsOptions(store.userns, store.paths.userns), '--mount', '--']
}

/** `layers` are directories below layers/, topmost first. */
export async function readOverlayTree(store: Store, layers: readonly string[], directory: string): Promise<Tree> {
  const place = (name: string) => join(directory, name)
  for (const name of ['upper', 'work', 'merged']) mkdirSync(place(name))
  const lower = layers.map((name) => `${name}/diff`).join(':')
  const options = `lowerdir=${lower},upperdir=${place('upper')},workdir=${place('work')},userxattr`
  const script = `cd "$1" && mount -t overlay -o "$2" overlay "$3" && python3 - "$3"`
  const argv = [...enter(store), 'sh', '-ec', script, 'sh', store.paths.layers, options, place('merged')]
  return JSON.parse(await mustRun(argv, { input: snapshot })) as Tree
}

export async function readCopiedTree(store: Store, layers: readonly string[], directory: string): Promise<Tree> {
  const tree = join(directory, 'copied')
  mkdirSync(tree)
  const bottomFirst = layers.map((name) => join(store.paths.layers, name, 'diff')).reverse()
  await runTool(store, 'copy', [tree, ...bottomFirst])
  return JSON.parse(await mustRun([...enter(store), 'python3', '-', tree], { input: snapshot })) as Tree
}
