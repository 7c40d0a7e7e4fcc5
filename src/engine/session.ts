// An attached session, whichever verb began it: what of the user's side the container gets.

import type { ContainerRecord } from '../model/container.js'
import type { AttachOutcome, ContainerIo } from '../model/container-io.js'
import type { Store } from '../platform/store.js'
import { serveAttached } from '../runtime/attach.js'
import type { Connection } from '../runtime/connection.js'
import { passesStreams } from '../runtime/words-log.js'
import { socketPath } from '../state/records.js'

export interface SessionRequest {
  readonly io: ContainerIo
  /** Heeded only with a terminal: in a pipe the same bytes are data. */
  readonly detachKeys: readonly number[]
}

/** Serves an attached connection to its end. Input goes only to a container that was made to have some (`-i`). */
export async function serveSession(
  store: Store,
  record: ContainerRecord,
  connection: Connection,
  { io, detachKeys }: SessionRequest,
): Promise<AttachOutcome> {
  const { openStdin, tty } = record.plan.process
  const { stdin, ...outputOnly } = io
  const takesInput = openStdin && stdin !== undefined && !passesStreams(record.plan) // else it reads our stdin itself
  return await serveAttached(connection, takesInput ? { ...outputOnly, stdin } : outputOnly, {
    socketPath: socketPath(store.paths, record.id),
    detachKeys: tty ? detachKeys : [],
  })
}
