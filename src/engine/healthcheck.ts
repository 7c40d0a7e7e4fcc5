// `healthcheck run`: has the monitor check the container's health now, beside its own schedule.

import { ConflictError, HostError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { connectMonitor } from '../runtime/connection.js'
import { decodeNumbers } from '../runtime/frames.js'
import { socketPath } from '../state/records.js'
import { readHealth, viewContainer } from '../state/views.js'
import { findContainer } from './find.js'

export interface CheckedHealth {
  readonly isPassed: boolean
  /** After a failure what the check says, not how many of them it takes (as podman): `unhealthy`, or `starting` before the startup check has passed. */
  readonly status: 'starting' | 'healthy' | 'unhealthy'
}

/** Throws ConflictError for a container that does not run or has no check. */
export async function runHealthCheck(store: Store, name: string): Promise<CheckedHealth> {
  const { record, status } = await findContainer(store, name)
  const { health } = record.plan
  if (health === undefined)
    throw new ConflictError(`check health: ${record.name}: container has no defined healthcheck`, {
      hint: 'one is given with --health-cmd, or by the image',
    })
  if (status !== 'running')
    throw new ConflictError(`check health: ${record.name}: container is not running`, {
      hint: `lichen start ${record.name}`,
    })
  const passed = await askMonitor(store, record.id)
  if (passed === undefined)
    throw new HostError(`check health: ${record.name}: its monitor is gone, and with it whoever could check`, {
      hint: `\`lichen restart ${record.name}\` gives it a new one`,
    })
  const now = readHealth(viewContainer(store.paths, record))?.status ?? 'starting'
  return { isPassed: passed, status: passed || health.startup !== undefined ? now : 'unhealthy' }
}

async function askMonitor(store: Store, id: string): Promise<boolean | undefined> {
  const connection = await connectMonitor(socketPath(store.paths, id))
  if (connection === undefined) return undefined
  try {
    await connection.send('h')
    for (;;) {
      const frame = await connection.read()
      if (frame === undefined) return undefined
      if (frame.type === 'h') return decodeNumbers(frame.payload)[0] === 0
    }
  } finally {
    connection.close()
  }
}
