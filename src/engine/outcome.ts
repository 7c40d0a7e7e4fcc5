// What an attached session's end means to the one who typed the command.

import type { ContainerRecord } from '../model/container.js'
import type { AttachOutcome } from '../model/container-io.js'
import { HostError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { toRuntimeError } from '../runtime/monitor-error.js'
import { viewContainer } from '../state/views.js'

/** What a shell says of a command whose reader left: killed by SIGPIPE. */
const UNREAD_EXIT_CODE = 141

/**
 * The container's exit code; undefined when it runs on without us. Throws the runtime's error when the command could not be executed (which crun
 * finds out only after the start for a file of the wrong format), and HostError when the monitor was killed under us.
 */
export function exitCodeOf(store: Store, record: ContainerRecord, outcome: AttachOutcome): number | undefined {
  switch (outcome.kind) {
    case 'detached':
      return undefined
    case 'exited':
      if (outcome.runtimeLog !== undefined) throw toRuntimeError(outcome.runtimeLog, record.plan.process.args[0] ?? '')
      return outcome.exitCode
    case 'unread':
      return UNREAD_EXIT_CODE
    case 'lost': {
      const { exit } = viewContainer(store.paths, record)
      if (exit !== undefined) return exit.exitCode
      throw new HostError(
        `follow container: ${record.name}: its monitor was killed; the container may run on without it`,
        {
          hint: `\`lichen ps -a\` shows what is true; \`lichen rm -f ${record.name}\` ends it`,
        },
      )
    }
  }
}
