// `unshare`: a command of the host's in the user namespace that containers run in.

import { runInForeground } from '../platform/foreground.js'
import { monitorProgram } from '../platform/host-facts.js'
import type { Store } from '../platform/store.js'
import { usernsOptions } from '../platform/userns.js'

/** Runs `command` (the caller's shell when empty) and resolves to its exit code. As root there is no namespace to enter but a mount namespace. */
export async function unshare(store: Store, command: readonly string[]): Promise<number> {
  const words = command.length > 0 ? command : [store.facts.env.SHELL || '/bin/sh']
  const argv = [
    monitorProgram(store.facts.env),
    'ns',
    ...usernsOptions(store.userns, store.paths.userns),
    '--mount',
    '--',
    ...words,
  ]
  return await runInForeground(argv, { stdio: 'terminal' })
}
