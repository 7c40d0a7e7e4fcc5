// What the OCI runtime still holds of a container whose monitor was killed: its state, its cgroup, perhaps a first process that waits for a
// start which nobody can give any more. Only the runtime knows how to take that away; never to be done beside a monitor.

import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { ExternalToolError, HostError } from '../model/errors.js'
import { readFileIfExists } from '../platform/files.js'
import { monitorProgram } from '../platform/host-facts.js'
import { runTool } from '../platform/process.js'
import { readProcessStat } from '../platform/process-table.js'
import type { Store } from '../platform/store.js'
import { usernsOptions } from '../platform/userns.js'

export interface LeftoverState {
  readonly id: string
  /** Path of the runtime that made it. */
  readonly runtime: string
  /** The newest run's directory: the runtime wrote the pid of the container's first process there. */
  readonly runDir?: string
}

function stateDir(store: Store, id: string): string {
  return path.join(store.paths.runtimeRoot, id)
}

export function hasRuntimeState(store: Store, id: string): boolean {
  return existsSync(stateDir(store, id))
}

/** Kills what is alive of it. Idempotent; a runtime that is no longer installed, or cannot read its own state, leaves its cgroup. */
export async function deleteRuntimeState(store: Store, { id, runtime, runDir }: LeftoverState): Promise<void> {
  const call = [runtime, '--root', store.paths.runtimeRoot, 'delete', '--force', id]
  try {
    await runTool([...enterAnyNamespace(store, readContainerPid(runDir)), ...call])
  } catch (error) {
    if (!(error instanceof ExternalToolError || error instanceof HostError)) throw error
  }
  rmSync(stateDir(store, id), { recursive: true, force: true })
}

/** Only inside the namespace that the container's processes belong to may they be killed; without any, one with the same ids will do. */
function enterAnyNamespace(store: Store, containerPid: number | undefined): string[] {
  const { userns, paths, facts } = store
  const hasProcess = userns.kind !== 'none' && containerPid !== undefined && readProcessStat(containerPid) !== undefined
  const which = hasProcess ? ['--user-of', String(containerPid)] : usernsOptions(userns, paths.userns)
  return [monitorProgram(facts.env), 'ns', ...which, '--mount', '--graft-cgroup', '--']
}

function readContainerPid(runDir: string | undefined): number | undefined {
  const text = runDir === undefined ? undefined : readFileIfExists(path.join(runDir, 'pid'))
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined
}
