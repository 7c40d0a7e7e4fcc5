// `restart` of a container that is removed at its end (--rm): its process ends and another one starts, and it itself has no end.

import type { ContainerView } from '../model/container.js'
import { HostError, type LichenError } from '../model/errors.js'
import { parseSignal } from '../model/signal.js'
import { isLive } from '../model/status.js'
import { restartMonitored } from '../runtime/restart.js'
import { awaitMonitorEnd, settleContainer } from './cleanup.js'
import { connectRun } from './connect-run.js'
import { startDependencies } from './dependencies.js'
import type { Engine } from './engine.js'
import { goneAtItsEnd } from './find.js'
import { SIGKILL } from './kill.js'
import { KILL_WAIT_MS, LONGEST_TIMER_MS, SIGTERM, type StopOptions, stuckError } from './stop.js'

/**
 * Resolves when the new process is up. Throws NotFoundError when the container ends or has ended meanwhile, and the runtime's error when that
 * cannot start it again: then it has ended, too.
 */
export async function restartInPlace(store: Engine, view: ContainerView, options: StopOptions): Promise<void> {
  const { record } = view
  await startDependencies(store, record)
  const connection = await connectRun(store, view)
  if (connection === undefined) throw await whyUnreachable(store, view)
  const outcome = await restartMonitored(connection, {
    ...howToStop(view, options),
    killMs: KILL_WAIT_MS,
    command: record.plan.process.args[0] ?? '',
  })
  if (outcome === 'ended') throw goneAtItsEnd(record.name)
  if (outcome === 'stuck') throw stuckError('restart', view)
  if (outcome === 'lost') throw await whyUnreachable(store, view)
}

function howToStop({ record: { plan } }: ContainerView, options: StopOptions): { signal: number; graceMs: number } {
  const graceMs = Math.min((options.timeoutS ?? plan.stopTimeoutS) * 1000, LONGEST_TIMER_MS - KILL_WAIT_MS)
  const signal = options.signal ?? (graceMs === 0 ? String(SIGKILL) : plan.stopSignal)
  return { signal: parseSignal(signal) ?? SIGTERM, graceMs }
}

/** Nobody but its monitor could start it again: without one it would be removed at its end, which is not what was asked for. */
async function whyUnreachable(store: Engine, view: ContainerView): Promise<LichenError> {
  const { record } = view
  await awaitMonitorEnd(view) // who does not answer any more may be at its last steps
  const now = await settleContainer(store, record)
  if (now === undefined || !isLive(now.status)) return goneAtItsEnd(record.name)
  return new HostError(
    `restart container: ${record.name}: its monitor cannot be reached, and who else stops it removes it (--rm)`,
    {
      hint: `without --rm it could be restarted: lichen container clone ${record.name} NAME`,
    },
  )
}
