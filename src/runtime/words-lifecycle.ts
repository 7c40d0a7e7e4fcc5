// How often and for how long the container runs, and who is told of it, in the monitor's words (PROTOCOL.md, restart… timeout… pidfile…
// stop… notify…). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { SdnotifyMode } from '../model/lifecycle.js'
import { parseSignal } from '../model/signal.js'
import type { RunPlace } from './monitor-words.js'

export function lifecycleWords(plan: ContainerPlan, { notifySocket }: RunPlace): string[] {
  return [
    ...restartWords(plan),
    ...(plan.timeoutS === 0 ? [] : [`timeout_ms=${plan.timeoutS * 1000}`]),
    `stop_signal=${parseSignal(plan.stopSignal)}`,
    `stop_timeout_ms=${plan.stopTimeoutS * 1000}`,
    ...(plan.pidfile === undefined ? [] : [`pidfile=${plan.pidfile}`]),
    ...(plan.monitorPidfile === undefined ? [] : [`monitor_pidfile=${plan.monitorPidfile}`]),
    ...notifyWords(plan.sdnotify, notifySocket),
  ]
}

function restartWords({ restart: { name, maxRetries } }: ContainerPlan): string[] {
  if (name === 'no') return []
  const policy = name === 'unless-stopped' ? 'always' : name
  return [`restart=${policy}`, ...(maxRetries === 0 ? [] : [`restart_max=${maxRetries}`])]
}

const NOTIFY: Readonly<Record<Exclude<SdnotifyMode, 'ignore'>, string>> = {
  container: 'container',
  conmon: 'started',
  healthy: 'healthy',
}

function notifyWords(mode: SdnotifyMode, socket: string | undefined): string[] {
  return mode === 'ignore' || socket === undefined ? [] : [`notify_socket=${socket}`, `notify=${NOTIFY[mode]}`]
}
