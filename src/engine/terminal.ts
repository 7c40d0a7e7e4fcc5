// The caller's own terminal for the length of an attached verb, given back as it was whatever happens. It is taken when the verb asks for
// it and not before: while an image is pulled, ctrl-c is still the caller's.

import { type IoOptions, openTerminalIo, type TerminalIo } from '../platform/tty.js'
import type { Engine } from './engine.js'
import { findContainer } from './find.js'
import type { startAttached } from './start.js'

export async function withTerminal<T>(options: IoOptions, fn: (openIo: () => TerminalIo) => Promise<T>): Promise<T> {
  let io: TerminalIo | undefined
  try {
    return await fn(() => (io ??= openTerminalIo(options)))
  } finally {
    io?.restore()
  }
}

export interface TerminalAttach {
  readonly stdin: boolean
  readonly sigProxy: boolean
  readonly detachKeys: readonly number[]
}

/** `act` is `attachContainer` or `startAttached`. Resolves to the exit code, 0 after detaching. */
export async function attachFromTerminal(
  store: Engine,
  name: string,
  { stdin, sigProxy, detachKeys }: TerminalAttach,
  act: typeof startAttached,
): Promise<number> {
  const { record } = await findContainer(store, name)
  const { tty, openStdin } = record.plan.process
  const options = { stdin: stdin && openStdin, tty, signals: sigProxy && !tty }
  return await withTerminal(options, async (openIo) => (await act(store, record.id, { io: openIo(), detachKeys })) ?? 0)
}
