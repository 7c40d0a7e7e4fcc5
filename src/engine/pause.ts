// `pause` and `unpause`: all processes of a container stop where they are, and go on.

import type { ContainerView } from '../model/container.js'
import { ConflictError, HostError } from '../model/errors.js'
import { setFrozen } from '../platform/freezer.js'
import type { Store } from '../platform/store.js'
import { appendContainerEvent } from '../state/events.js'
import { findContainer } from './find.js'

const FAILURES = {
  'no-group': {
    cause: 'pause is not supported: it has no cgroup of its own',
    hint: 'as root, or in a delegated group, it would have one: systemd-run --user --scope -p Delegate=yes lichen run …',
  },
  gone: { cause: 'it has just ended', hint: '`lichen ps -a` tells how' },
  timeout: {
    cause: 'a process of it does not stop',
    hint: 'one that hangs in the kernel (state D) stops when it comes out',
  },
} as const

/** Resolves to the id when every process has stopped. Throws ConflictError when it does not run. */
export async function pauseContainer(store: Store, name: string): Promise<string> {
  const view = await findContainer(store, name)
  await freezeView(store, view, { verb: 'pause', from: 'running', frozen: true })
  return view.record.id
}

/** Throws ConflictError when it is not paused. */
export async function unpauseContainer(store: Store, name: string): Promise<string> {
  const view = await findContainer(store, name)
  await freezeView(store, view, { verb: 'unpause', from: 'paused', frozen: false })
  return view.record.id
}

/** A frozen container cannot end, not even by SIGKILL with version 1: the signal must be there before it thaws. */
export async function thaw({ monitor, status }: ContainerView): Promise<void> {
  if (status === 'paused' && monitor !== undefined) await setFrozen(monitor, false)
}

interface Change {
  readonly verb: 'pause' | 'unpause'
  readonly from: 'running' | 'paused'
  readonly frozen: boolean
}

async function freezeView(
  store: Store,
  { record, monitor, status }: ContainerView,
  { verb, from, frozen }: Change,
): Promise<void> {
  if (status !== from || monitor === undefined)
    throw new ConflictError(`${verb} container: ${record.name}: it is ${status}, not ${from}`)
  const result = await setFrozen(monitor, frozen)
  if (result === 'done') return appendContainerEvent(store.paths, record, verb)
  const { cause, hint } = FAILURES[result]
  throw new HostError(`${verb} container: ${record.name}: ${cause}`, { hint })
}
