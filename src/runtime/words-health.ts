// The health checks, in the monitor's words (PROTOCOL.md, health_… startup_…); and the processes they are. Pure.

import path from 'node:path'
import type { ContainerPlan } from '../model/container.js'
import type { HealthTest } from '../model/health.js'
import type { RunPlace } from './monitor-words.js'

const SHELL = '/bin/sh'

const checkFile = (dir: string, name: 'health' | 'startup') => path.join(dir, `${name}-process.json`)

export function healthWords({ health }: ContainerPlan, { dir }: RunPlace): string[] {
  if (health === undefined) return []
  const { startup } = health
  return [
    `health_process=${checkFile(dir, 'health')}`,
    `health_interval_ms=${health.intervalMs}`,
    `health_timeout_ms=${health.timeoutMs}`,
    `health_start_period_ms=${health.startPeriodMs}`,
    ...(health.startIntervalMs === undefined ? [] : [`health_start_interval_ms=${health.startIntervalMs}`]),
    `health_retries=${health.retries}`,
    `health_on_failure=${health.onFailure}`,
    `health_log_count=${health.logCount}`,
    `health_log_size=${health.logSizeBytes}`,
    ...(startup === undefined
      ? []
      : [
          `startup_process=${checkFile(dir, 'startup')}`,
          `startup_interval_ms=${startup.intervalMs}`,
          `startup_timeout_ms=${startup.timeoutMs}`,
          `startup_retries=${startup.retries}`,
          `startup_success=${startup.successes}`,
        ]),
  ]
}

/** By file: the container's own process with other words, for the runtime's `exec`. */
export function toCheckProcesses(
  { health }: ContainerPlan,
  dir: string,
  base: Readonly<Record<string, unknown>>,
): Map<string, Record<string, unknown>> {
  const files = new Map<string, Record<string, unknown>>()
  const add = (name: 'health' | 'startup', test: HealthTest) =>
    files.set(checkFile(dir, name), { ...base, terminal: false, args: toArgs(test) })
  if (health !== undefined) add('health', health.test)
  if (health?.startup !== undefined) add('startup', health.startup.test)
  return files
}

function toArgs([kind, ...words]: HealthTest): string[] {
  return kind === 'CMD-SHELL' ? [SHELL, '-c', words.join(' ')] : words
}
