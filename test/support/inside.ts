// A shell script in a mount namespace of its own, or the user's: mounts of the engine's are seen by it alone.

import { join } from 'node:path'
import { isLichen, isRoot } from './facts.js'
import type { Lichen } from './lichen.js'
import { type ProcessResult, type RunningProcess, runProcess, startProcess } from './process.js'

/** Words for a shell script that sees the engine as `"$@"`. */
function argvInside(lichen: Lichen, script: string, flags: readonly string[] = []): string[] {
  const enter = isRoot ? ['unshare', '--mount', '--propagation', 'private'] : [...lichen.argv, 'unshare']
  return [...enter, 'sh', '-c', script, 'sh', ...lichen.argv, ...flags]
}
const env = isLichen ? {} : { CONTAINERS_CONF: join(import.meta.dirname, 'podman.conf') }
export const inside = (lichen: Lichen, script: string, ...flags: string[]): Promise<ProcessResult> =>
  runProcess(argvInside(lichen, `set -e; ${script}`, flags), { env })
export const startInside = (lichen: Lichen, script: string): RunningProcess =>
  startProcess(argvInside(lichen, script), { env })
export const lines = ({ stdout }: ProcessResult): string[] => stdout.trimEnd().split('\n')
