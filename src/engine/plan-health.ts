// How it is found out whether a container works: what was said over what the image says. Pure. podman-run(1), --health-*; docker's image-spec, Healthcheck.

import { UsageError } from '../model/errors.js'
import type { HealthCheck, HealthPlan, HealthSaid, HealthTest, StartupCheck, StartupSaid } from '../model/health.js'
import type { ImageProcessConfig } from '../model/image.js'
import type { CreateRequest } from '../model/run-request.js'

const SECOND_MS = 1000
const DEFAULT_MS = 30 * SECOND_MS
const DEFAULT_RETRIES = 3
const DEFAULT_LOG = { logCount: 5, logSizeBytes: 500 } as const
const NANOSECONDS_PER_MS = 1_000_000

/** Throws UsageError for settings of a check that there is not. */
export function planHealth({ health: said = {} }: CreateRequest, config: ImageProcessConfig): HealthPlan {
  const image = readImageCheck(config)
  const test = said.test ?? image.test
  if (test === undefined || test[0] === 'NONE') {
    refuseWithoutCheck(said)
    return {}
  }
  const health: HealthCheck = {
    intervalMs: DEFAULT_MS,
    timeoutMs: DEFAULT_MS,
    startPeriodMs: 0,
    retries: DEFAULT_RETRIES,
    onFailure: 'none',
    ...DEFAULT_LOG,
    ...image,
    ...withoutStartup(said),
    test,
    ...planStartup(said.startup),
  }
  if (said.startIntervalMs !== undefined && health.startPeriodMs === 0)
    throw new UsageError('plan health check: --health-start-interval: there is no start period', {
      hint: 'add --health-start-period',
    })
  return { health }
}

function withoutStartup({ startup: _startup, test: _test, ...rest }: HealthSaid): Partial<HealthCheck> {
  return rest
}

function planStartup(said: StartupSaid | undefined): { readonly startup?: StartupCheck } {
  if (said?.test === undefined || said.test[0] === 'NONE') {
    if (said !== undefined)
      throw new UsageError('plan health check: startup checks are set up, but none is given', {
        hint: 'add --health-startup-cmd',
      })
    return {}
  }
  const { test, intervalMs = DEFAULT_MS, timeoutMs = DEFAULT_MS, retries = 0, successes = 1 } = said
  return { startup: { test, intervalMs, timeoutMs, retries, successes: Math.max(1, successes) } }
}

/** `--health-cmd none` with nothing else is how a check is switched off. */
function refuseWithoutCheck({ test: _test, onFailure, ...others }: HealthSaid): void {
  if (onFailure !== undefined && onFailure !== 'none')
    throw new UsageError(`cannot set on-failure action to ${onFailure} without a health check`, {
      hint: 'add --health-cmd',
    })
  const [field] = Object.keys(others)
  if (field !== undefined)
    throw new UsageError('plan health check: checks are set up, but none is given', { hint: 'add --health-cmd' })
}

/** An image's own check; its times are nanoseconds, and 0 means the default. */
function readImageCheck({ Healthcheck }: ImageProcessConfig): Partial<Omit<HealthCheck, 'startup'>> {
  if (Healthcheck === undefined) return {}
  const { Test = [], Interval, Timeout, StartPeriod, StartInterval, Retries } = Healthcheck
  const ms = (field: keyof HealthCheck, nanoseconds: number | undefined) =>
    nanoseconds === undefined || nanoseconds <= 0
      ? {}
      : { [field]: Math.max(1, Math.round(nanoseconds / NANOSECONDS_PER_MS)) }
  return {
    ...(isTest(Test) ? { test: Test } : {}),
    ...ms('intervalMs', Interval),
    ...ms('timeoutMs', Timeout),
    ...ms('startPeriodMs', StartPeriod),
    ...ms('startIntervalMs', StartInterval),
    ...(Retries === undefined || Retries <= 0 ? {} : { retries: Retries }),
  }
}

const isTest = (words: readonly string[]): words is HealthTest =>
  words[0] === 'NONE' || ((words[0] === 'CMD' || words[0] === 'CMD-SHELL') && words.length > 1)
