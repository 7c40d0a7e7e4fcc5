import { describe, expect, it } from 'vitest'
import type { ExitReport, MonitorReport } from '../../../src/model/container.js'
import { deriveStatus } from '../../../src/model/status.js'

const monitor: MonitorReport = {
  schema: 1,
  bootId: 'b',
  monitorPid: 10,
  monitorStart: 1,
  containerPid: 11,
  containerStart: 2,
}
const started: MonitorReport = { ...monitor, startedAt: '2026-01-01T00:00:00Z' }
const exit: ExitReport = { schema: 1, exitCode: 0, signal: 0, oomKilled: null, finishedAt: '2026-01-01T00:00:01Z' }
const dead = { monitorAlive: false, containerAlive: false }

describe('deriveStatus', () => {
  it.each([
    ['created when it was never started', undefined, 'created'],
    ['created when a start was cut short before there was a monitor', { ...dead }, 'created'],
    [
      'initialized when the monitor waits for the start',
      { monitor, monitorAlive: true, containerAlive: true },
      'initialized',
    ],
    ['created when the monitor was killed before the start', { monitor, ...dead }, 'created'],
    ['running when started', { monitor: started, monitorAlive: true, containerAlive: true }, 'running'],
    [
      'running when the monitor was killed and the container was not',
      { monitor: started, monitorAlive: false, containerAlive: true },
      'running',
    ],
    [
      'running while the monitor still writes the exit report',
      { monitor: started, monitorAlive: true, containerAlive: false },
      'running',
    ],
    ['exited when nobody lives and nothing was reported', { monitor: started, ...dead }, 'exited'],
    [
      'exited as soon as there is an exit report, whoever lives',
      { monitor: started, exit, monitorAlive: true, containerAlive: true },
      'exited',
    ],
  ] as const)('is %s', (_title, facts, status) => {
    expect(deriveStatus(facts)).toBe(status)
  })
})
