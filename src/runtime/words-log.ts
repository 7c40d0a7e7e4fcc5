// Where output goes, in the monitor's words (PROTOCOL.md, log_… journal… stdio_fds). Pure.

import path from 'node:path'
import type { ContainerPlan } from '../model/container.js'
import type { RunPlace } from './monitor-words.js'

/** sd_journal_sendv(3), Native journal protocol. */
export const JOURNAL_SOCKET = '/run/systemd/journal/socket'

/** Undefined: this container's output is in no file. */
export function logPath({ log }: ContainerPlan, dir: string): string | undefined {
  if (log.driver !== 'k8s-file' && log.driver !== 'json-file') return undefined
  return log.path ?? path.join(dir, 'ctr.log')
}

/** Whether our own streams become the container's. */
export function passesStreams({ log }: ContainerPlan): boolean {
  return log.driver === 'passthrough' || log.driver === 'passthrough-tty'
}

export function logWords(plan: ContainerPlan, { dir, id, name }: RunPlace): string[] {
  const file = logPath(plan, dir)
  if (file !== undefined)
    return [`log=${file}`, `log_max_size=${plan.log.maxSizeBytes}`, `log_max_files=${plan.log.maxFiles}`]
  if (passesStreams(plan)) return ['log=', 'stdio_fds=1']
  if (plan.log.driver !== 'journald') return ['log=']
  const tag = fillTag(plan, { id, name })
  const fields = {
    SYSLOG_IDENTIFIER: tag === '' ? name : tag,
    CONTAINER_ID: id.slice(0, 12),
    CONTAINER_ID_FULL: id,
    CONTAINER_NAME: name,
    CONTAINER_TAG: tag,
    IMAGE_NAME: plan.image.name,
  }
  const words = Object.entries(fields).flatMap(([field, value]) =>
    value === '' ? [] : [`journal_field=${field}=${value}`],
  )
  return ['log=', `journal=${JOURNAL_SOCKET}`, ...words]
}

function fillTag({ log, image }: ContainerPlan, { id, name }: { readonly id: string; readonly name: string }): string {
  const values: Readonly<Record<string, string>> = {
    ID: id.slice(0, 12),
    FullID: id,
    Name: name,
    ImageName: image.name,
    ImageID: image.id.slice(0, 12),
  }
  return log.tag.replaceAll(/\{\{\s*\.(\w+)\s*\}\}/g, (whole, field: string) => values[field] ?? whole)
}
