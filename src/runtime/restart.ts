// A restart by the monitor itself, which keeps everything but the process (PROTOCOL.md, Restart on demand). Of errors it knows only the
// runtime's: what became of a container whose monitor says no more is the caller's to find out.

import type { LichenError } from '../model/errors.js'
import type { Connection } from './connection.js'
import { toMonitorError } from './monitor-error.js'

export interface RestartRequest {
  readonly signal: number
  /** Until SIGKILL; below zero: however long the process takes. */
  readonly graceMs: number
  /** After SIGKILL, until there is no more to hope for. */
  readonly killMs: number
  /** What the container runs, for errors. */
  readonly command: string
}

/**
 * `started`: the next run's process is up. `ended`: there is no next run, and all of the container's end is told. `stuck`: not even SIGKILL has
 * ended it. `lost`: the monitor is gone. Throws the runtime's error when it could not start it again. Closes the connection.
 */
export async function restartMonitored(
  connection: Connection,
  { signal, graceMs, killMs, command }: RestartRequest,
): Promise<'started' | 'ended' | 'stuck' | 'lost'> {
  let isStuck = false
  const giveUp = () => {
    isStuck = true
    connection.close()
  }
  const timer = graceMs < 0 ? undefined : setTimeout(giveUp, graceMs + killMs)
  let failure: LichenError | undefined
  try {
    await connection.send('n', graceMs < 0 ? String(signal) : `${signal} ${graceMs}`)
    for (;;) {
      const frame = await connection.read()
      if (frame === undefined) return isStuck ? 'stuck' : 'lost'
      if (frame.type === 'z') clearTimeout(timer)
      if (frame.type === 'r') return 'started'
      if (frame.type === '!') failure = toMonitorError(frame.payload, command)
      if (frame.type === 'x' && failure !== undefined) throw failure
      if (frame.type === 'x') return 'ended'
    }
  } finally {
    clearTimeout(timer)
    connection.close()
  }
}
