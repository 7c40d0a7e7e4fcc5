// What a container is called, how it is stopped and started again, what becomes of it at its end.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { LifecycleRequest } from '../../model/lifecycle.js'
import { asText, asUint, list, toggle, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import { parseLabel } from '../values/env.js'
import { parseContainerName, parseSignalName } from '../values/names.js'

export const lifecycleFlags = {
  cidfile: value("Write the container's ID to this file, which must not exist yet", asText),
  label: list('Set a label: NAME=VALUE', parseLabel, { char: 'l' }),
  name: value('Name of the container', parseContainerName),
  replace: toggle('Remove a container of the same name first'),
  rm: toggle('Remove the container when it ends'),
  'stop-signal': value('Signal that asks the container to stop', parseSignalName, {
    type: 'signal',
    defaultHelp: 'SIGTERM',
  }),
  'stop-timeout': value('Seconds between that signal and SIGKILL', asUint, { type: 'uint', defaultHelp: '10' }),
}

export function toLifecycleRequest(flags: InferredFlags<typeof lifecycleFlags>): LifecycleRequest {
  return {
    replace: flags.replace,
    remove: flags.rm,
    labels: Object.fromEntries(flags.label),
    ...onlySaid({
      name: flags.name,
      stopSignal: flags['stop-signal'],
      stopTimeoutS: flags['stop-timeout'],
      cidfile: flags.cidfile,
    }),
  }
}
