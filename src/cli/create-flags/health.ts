// How it is found out whether a container works, and what then.

import type { InferredFlags } from '@oclif/core/interfaces'
import { UsageError } from '../../model/errors.js'
import type { HealthRequest, HealthSaid, StartupSaid } from '../../model/health.js'
import { asUint, toggle, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import {
  parseHealthAction,
  parseHealthCommand,
  parseHealthDestination,
  parseHealthDuration,
  parseHealthInterval,
  parseHealthLogCount,
  parseHealthPause,
  parseHealthRetries,
  parseHealthTimeout,
} from '../values/health.js'

const duration = { type: 'duration' } as const
const count = { type: 'uint' } as const

export const healthFlags = {
  'health-cmd': value(
    'Command that tells whether the container works: a line for the shell or a JSON list; none',
    parseHealthCommand,
  ),
  'health-interval': value('Time from one check to the next; "disable": only when asked', parseHealthInterval, {
    ...duration,
    defaultHelp: '30s',
  }),
  'health-log-destination': value('Where results are kept: local', parseHealthDestination, { defaultHelp: 'local' }),
  'health-max-log-count': value('How many results are kept', parseHealthLogCount, { ...count, defaultHelp: '5' }),
  'health-max-log-size': value('Bytes of output kept of each; 0 for 64 KiB', asUint, { ...count, defaultHelp: '500' }),
  'health-on-failure': value(
    'What is done with an unhealthy container: none, kill, restart or stop',
    parseHealthAction,
    {
      defaultHelp: 'none',
    },
  ),
  'health-retries': value('Failures in a row that make a container unhealthy', parseHealthRetries, {
    ...count,
    defaultHelp: '3',
  }),
  'health-start-interval': value('Time between checks of the start period, until one has passed', parseHealthPause, {
    ...duration,
    defaultHelp: 'as --health-interval',
  }),
  'health-start-period': value('Time after the start in which failures do not count', parseHealthDuration, {
    ...duration,
    defaultHelp: '0s',
  }),
  'health-startup-cmd': value('Check that must pass before the other one begins', parseHealthCommand),
  'health-startup-interval': value('Time from one startup check to the next', parseHealthInterval, {
    ...duration,
    defaultHelp: '30s',
  }),
  'health-startup-retries': value('Failures of it that restart the container; 0 for never', asUint, {
    ...count,
    defaultHelp: '0',
  }),
  'health-startup-success': value('How often it must pass', asUint, { ...count, defaultHelp: '1' }),
  'health-startup-timeout': value('Time one startup check may take', parseHealthTimeout, {
    ...duration,
    defaultHelp: '30s',
  }),
  'health-timeout': value('Time one check may take', parseHealthTimeout, { ...duration, defaultHelp: '30s' }),
  'no-healthcheck': toggle("Switch the image's check off"),
}

export function toHealthRequest(flags: InferredFlags<typeof healthFlags>): HealthRequest {
  const startup: StartupSaid = onlySaid({
    test: flags['health-startup-cmd'],
    intervalMs: flags['health-startup-interval'],
    timeoutMs: flags['health-startup-timeout'],
    retries: flags['health-startup-retries'],
    successes: flags['health-startup-success'],
  })
  const said: HealthSaid = onlySaid({
    test: flags['health-cmd'],
    intervalMs: flags['health-interval'],
    timeoutMs: flags['health-timeout'],
    startPeriodMs: flags['health-start-period'],
    startIntervalMs: flags['health-start-interval'],
    retries: flags['health-retries'],
    onFailure: flags['health-on-failure'],
    logCount: flags['health-max-log-count'],
    logSizeBytes: flags['health-max-log-size'],
    startup: Object.keys(startup).length === 0 ? undefined : startup,
  })
  if (flags['no-healthcheck']) {
    if (Object.keys(said).length > 0) throw new UsageError('cannot specify both --no-healthcheck and --health-cmd')
    return { health: { test: ['NONE'] } }
  }
  return Object.keys(said).length === 0 ? {} : { health: said }
}
