// What is true of a container right now: its record, its newest run's reports, and who of them is alive.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord, ContainerView, ExitReport, MonitorReport } from '../model/container.js'
import { errorCode } from '../model/errors.js'
import type { HealthReport } from '../model/health.js'
import { deriveStatus } from '../model/status.js'
import { isGroupFrozen } from '../platform/freezer.js'
import { readBootId } from '../platform/host-facts.js'
import type { StorePaths } from '../platform/paths.js'
import { isSameProcess } from '../platform/process-table.js'
import { containerDir, readOwnJson } from './records.js'

/** Derives; reads at most five small files and two of /proc. Never writes. Throws BadInputError when a report is damaged. */
export function viewContainer(paths: StorePaths, record: ContainerRecord): ContainerView {
  const run = findNewestRun(paths, record.id)
  if (run === undefined) return { record, status: 'created', monitorAlive: false }
  const exit = readOwnJson<ExitReport>(record.id, path.join(run.dir, 'exit.json'))
  const alive = whoIsAlive(run.monitor)
  const isFrozen = exit === undefined && alive.containerAlive && isGroupFrozen(run.monitor)
  const status = deriveStatus({ monitor: run.monitor, ...alive, isFrozen, ...(exit === undefined ? {} : { exit }) })
  return {
    record,
    status,
    runDir: run.dir,
    monitor: run.monitor,
    monitorAlive: alive.monitorAlive,
    ...(exit === undefined ? {} : { exit }),
  }
}

/** Numbers of all runs there are, highest first. */
export function listRuns(runsDir: string): number[] {
  try {
    return readdirSync(runsDir)
      .map(Number)
      .filter(Number.isInteger)
      .sort((a, b) => b - a)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

/** The newest run that came as far as having a monitor; a run without one was never more than an attempt. */
function findNewestRun(paths: StorePaths, id: string): { dir: string; monitor: MonitorReport } | undefined {
  const runsDir = path.join(containerDir(paths, id), 'runs')
  for (const number of listRuns(runsDir)) {
    const dir = path.join(runsDir, String(number))
    const monitor = readOwnJson<MonitorReport>(id, path.join(dir, 'monitor.json'))
    if (monitor !== undefined) return { dir, monitor }
  }
  return undefined
}

function whoIsAlive(report: MonitorReport): { monitorAlive: boolean; containerAlive: boolean } {
  if (report.bootId !== readBootId()) return { monitorAlive: false, containerAlive: false }
  return {
    monitorAlive: isSameProcess(report.monitorPid, report.monitorStart),
    containerAlive: isSameProcess(report.containerPid, report.containerStart),
  }
}

/** How the container is, by its monitor's checks in this run or the last; undefined: none was made. */
export function readHealth({ record, runDir }: ContainerView): HealthReport | undefined {
  if (record.plan.health === undefined || runDir === undefined) return undefined
  return readOwnJson<HealthReport>(record.id, path.join(runDir, 'health.json'))
}
