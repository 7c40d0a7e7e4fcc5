// Where a container's output goes.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { LogRequest } from '../../model/log.js'
import { list, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import { parseLogDriver, parseLogOption } from '../values/log-opt.js'

export const logFlags = {
  'log-driver': value(
    'Where output goes: k8s-file (json-file is the same), journald, none, passthrough',
    parseLogDriver,
    {
      defaultHelp: 'k8s-file',
      emptyIsUnsaid: true,
    },
  ),
  'log-opt': list('Of the log: path=FILE, max-size=10m, max-file=3, tag=TEXT', parseLogOption, { emptyIsUnsaid: true }),
}

export function toLogRequest(flags: InferredFlags<typeof logFlags>): LogRequest {
  const options = flags['log-opt']
  return onlySaid({
    logDriver: flags['log-driver'],
    logOptions: options.length === 0 ? undefined : Object.assign({}, ...options),
  })
}
