// `Config` of `inspect`: what runs in a container, under podman's JSON names.

import type { ContainerRecord } from '../model/container.js'
import type { HealthCheck, HealthPlan } from '../model/health.js'
import { inspectSecrets } from './inspect-mounts.js'

const NANOSECONDS_PER_MS = 1_000_000

export function inspectConfig({ plan }: ContainerRecord): Record<string, unknown> {
  const { process, entrypoint } = plan
  return {
    Hostname: plan.hostname,
    Domainname: plan.domainname ?? '',
    User: process.user,
    AttachStdin: process.openStdin,
    // who reads them is known while somebody does, and is no setting
    AttachStdout: false,
    AttachStderr: false,
    Tty: process.tty,
    OpenStdin: process.openStdin,
    StdinOnce: false,
    Env: process.env,
    Cmd: process.args.slice(entrypoint.length),
    Image: plan.image.name,
    Volumes: null,
    WorkingDir: process.cwd,
    Entrypoint: entrypoint.length === 0 ? null : entrypoint,
    OnBuild: null,
    Labels: plan.labels,
    Annotations: plan.annotations,
    StopSignal: plan.stopSignal,
    ...toHealthcheck(plan),
    ...(plan.createCommand === undefined ? {} : { CreateCommand: plan.createCommand }),
    ...(plan.systemd ? { SystemdMode: true } : {}),
    Umask: plan.umask.toString(8).padStart(4, '0'),
    ...(plan.timezone === undefined ? {} : { Timezone: plan.timezone }),
    Secrets: inspectSecrets(plan),
    Timeout: plan.timeoutS,
    StopTimeout: plan.stopTimeoutS,
    Passwd: plan.userFiles.addMissing,
    sdNotifyMode: plan.sdnotify,
  }
}

function toHealthcheck({ health }: HealthPlan): Record<string, unknown> {
  if (health === undefined) return { HealthcheckOnFailureAction: 'none' }
  const { startup } = health
  return {
    Healthcheck: {
      ...toCheck(health),
      StartPeriod: health.startPeriodMs * NANOSECONDS_PER_MS,
      ...(health.startIntervalMs === undefined ? {} : { StartInterval: health.startIntervalMs * NANOSECONDS_PER_MS }),
    },
    HealthcheckOnFailureAction: health.onFailure,
    HealthMaxLogCount: health.logCount,
    HealthMaxLogSize: health.logSizeBytes,
    ...(startup === undefined ? {} : { StartupHealthCheck: { ...toCheck(startup), Successes: startup.successes } }),
  }
}

function toCheck({
  test,
  intervalMs,
  timeoutMs,
  retries,
}: Pick<HealthCheck, 'test' | 'intervalMs' | 'timeoutMs' | 'retries'>) {
  return {
    Test: test,
    Interval: intervalMs * NANOSECONDS_PER_MS,
    Timeout: timeoutMs * NANOSECONDS_PER_MS,
    Retries: retries,
  }
}
