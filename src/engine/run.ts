// `run` = create + start + wait, and the exit code that comes of it.

import type { ContainerRecord } from '../model/container.js'
import type { AttachOutcome, ContainerIo } from '../model/container-io.js'
import { LichenError } from '../model/errors.js'
import type { RunRequest, StreamName } from '../model/run-request.js'
import { inheritedFds } from '../platform/inherited-fds.js'
import { createContainer } from './create.js'
import type { Engine } from './engine.js'
import { exitCodeOf } from './outcome.js'
import { removeRecord } from './rm.js'
import { startRecord } from './start.js'

export interface RunResult {
  readonly id: string
  /** Undefined: the container runs on, detached. */
  readonly exitCode?: number
}

/**
 * `openIo` is called when the container is about to start. Without it (or with `request.detach`) resolves as soon as the container runs; else when it ended or the user detached. A container that
 * could not be started stays as `created`, unless it was to be removed at its end.
 */
export async function runContainer(
  engine: Engine,
  request: RunRequest,
  openIo?: () => ContainerIo,
): Promise<RunResult> {
  const passFds = inheritedFds(request)
  // a container that is removed at its end does not outlive this boot: nothing of it needs to reach the disk now
  const record = await createContainer(engine, request, { durable: !request.remove })
  let outcome: AttachOutcome
  try {
    const isAttached = !request.detach && openIo !== undefined
    const session = isAttached
      ? { io: onlyStreams(openIo(), request.attach), detachKeys: request.detachKeys }
      : undefined
    outcome = await startRecord(engine, record, session, passFds)
  } catch (error) {
    if (request.remove) await removeRecord(engine, record, { force: true, volumes: true })
    throw error
  }
  // podman's way: without its reader a container that was not to stay is stopped, any other runs on
  if (outcome.kind === 'unread' && request.remove) await removeRecord(engine, record, { force: true, volumes: true })
  if (outcome.kind === 'exited' && request.removeImage) await removeItsImage(engine, record)
  const exitCode = exitCodeOf(engine, record, outcome)
  return { id: record.id, ...(exitCode === undefined ? {} : { exitCode }) }
}

/** One that others use stays, and so does the container's exit code. */
async function removeItsImage(engine: Engine, record: ContainerRecord): Promise<void> {
  const { removeImageOf } = await import('./rmi.js')
  try {
    await removeImageOf(engine, record)
  } catch (error) {
    if (!(error instanceof LichenError)) throw error
    engine.report.onNote(`Warning: ${error.message}`)
  }
}

/** Of the output only those streams that were asked for; what comes on the others is read and thrown away. */
function onlyStreams(io: ContainerIo, wanted: readonly StreamName[]): ContainerIo {
  if (wanted.length === 0) return io
  const nothing = async (): Promise<void> => undefined
  return {
    ...io,
    ...(wanted.includes('stdout') ? {} : { stdout: nothing }),
    ...(wanted.includes('stderr') ? {} : { stderr: nothing }),
  }
}
