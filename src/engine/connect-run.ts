// A connection to the monitor of the very run that was looked at: by the time of it another process may have started the container again,
// and another monitor may listen at the same place.

import type { ContainerView } from '../model/container.js'
import { isSameProcess } from '../platform/process-table.js'
import type { Store } from '../platform/store.js'
import { type Connection, connectMonitor } from '../runtime/connection.js'
import { socketPath } from '../state/records.js'

/** Undefined: that run is over, or its monitor was killed or cannot be reached. */
export async function connectRun(store: Store, { record, monitor }: ContainerView): Promise<Connection | undefined> {
  const connection = await connectMonitor(socketPath(store.paths, record.id))
  // two never listen at once: if ours is there now, it was ours that answered
  if (monitor === undefined || isSameProcess(monitor.monitorPid, monitor.monitorStart)) return connection
  connection?.close()
  return undefined
}
