// `State` of `inspect`: what is true of a container right now, under podman's JSON names.

import type { ContainerView } from '../model/container.js'
import type { HealthReport } from '../model/health.js'
import { readHealth } from '../state/views.js'

/** What Go prints for a time that never was; scripts compare with it. */
const NEVER = '0001-01-01T00:00:00Z'
/** The exit code of a container whose monitor was killed is not known. */
const UNKNOWN_EXIT_CODE = -1
const OCI_VERSION = '1.0.2'

export function inspectState(view: ContainerView): Record<string, unknown> {
  const { status, exit, monitor, monitorAlive } = view
  const isRunning = status === 'running' || status === 'paused'
  const health = view.record.plan.health === undefined ? undefined : toHealth(readHealth(view))
  return {
    OciVersion: OCI_VERSION,
    Status: status,
    Running: isRunning,
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    // null: it ended and no memory controller could tell
    OOMKilled: exit === undefined ? false : exit.oomKilled,
    Dead: false,
    Pid: isRunning || status === 'initialized' ? monitor?.containerPid : 0,
    ...(isRunning && monitorAlive ? { ConmonPid: monitor?.monitorPid } : {}),
    ExitCode: exit?.exitCode ?? (status === 'exited' ? UNKNOWN_EXIT_CODE : 0),
    Error: isRunning && !monitorAlive ? 'the monitor was killed: the exit code will not be known' : '',
    StartedAt: monitor?.startedAt ?? NEVER,
    FinishedAt: exit?.finishedAt ?? NEVER,
    // under podman's older name, too; without a check there is none, as docker and podman 5 have it
    ...(health === undefined ? {} : { Health: health, Healthcheck: health }),
    CgroupPath: monitor?.cgroup ?? '',
    CheckpointedAt: NEVER,
    RestoredAt: NEVER,
  }
}

function toHealth(report: HealthReport | undefined): Record<string, unknown> {
  if (report === undefined) return { Status: '', FailingStreak: 0, Log: null }
  return {
    Status: report.status,
    FailingStreak: report.failingStreak,
    Log: report.log.map(({ start, end, exitCode, output }) => ({
      Start: start,
      End: end,
      ExitCode: exitCode,
      Output: output.replace(/\n$/, ''),
    })),
  }
}
