// `attach`: the user's terminal joined to a container that already runs.

import { HostError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { sendWindowSize } from '../runtime/attach.js'
import { connectMonitor } from '../runtime/connection.js'
import { appendContainerEvent } from '../state/events.js'
import { socketPath } from '../state/records.js'
import { findRunning } from './find.js'
import { exitCodeOf } from './outcome.js'
import { type SessionRequest, serveSession } from './session.js'

/** Resolves to the container's exit code, or undefined when the user detached. */
export async function attachContainer(
  store: Store,
  name: string,
  request: SessionRequest,
): Promise<number | undefined> {
  const { record } = await findRunning(store, name)
  const connection = await connectMonitor(socketPath(store.paths, record.id))
  if (connection === undefined) {
    throw new HostError(`attach: ${record.name}: its monitor was killed, so nothing holds its streams any more`, {
      hint: `\`lichen exec\` still works; \`lichen stop ${record.name}\` ends it`,
    })
  }
  await connection.send('a')
  sendWindowSize(connection, request.io)
  appendContainerEvent(store.paths, record, 'attach')
  return exitCodeOf(store, record, await serveSession(store, record, connection, request))
}
