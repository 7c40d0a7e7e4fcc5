// `attach`: the user's terminal joined to a container that already runs.

import { HostError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { sendWindowSize, serveAttached } from '../runtime/attach.js'
import { connectMonitor } from '../runtime/connection.js'
import { socketPath } from '../state/records.js'
import { findRunning } from './find.js'
import { exitCodeOf } from './outcome.js'
import type { AttachRequest } from './start.js'

/** Resolves to the container's exit code, or undefined when the user detached. */
export async function attachContainer(store: Store, name: string, request: AttachRequest): Promise<number | undefined> {
  const { record } = await findRunning(store, name)
  const socket = socketPath(store.paths, record.id)
  const connection = await connectMonitor(socket)
  if (connection === undefined) {
    throw new HostError(`attach: ${record.name}: its monitor was killed, so nothing holds its streams any more`, {
      hint: `\`lichen exec\` still works; \`lichen stop ${record.name}\` ends it`,
    })
  }
  const { stdin, ...outputOnly } = request.io
  const io = record.plan.process.openStdin && stdin !== undefined ? { ...outputOnly, stdin } : outputOnly
  await connection.send('a')
  sendWindowSize(connection, io)
  return exitCodeOf(
    store,
    record,
    await serveAttached(connection, io, { socketPath: socket, detachKeys: request.detachKeys }),
  )
}
