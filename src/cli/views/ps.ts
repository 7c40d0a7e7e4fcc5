// What `ps` shows of containers: podman's columns, template fields and JSON. The engine says what is true, this how it looks.

import type { ContainerView } from '../../model/container.js'
import { type ReportFlags, reportText } from '../format.js'
import { goTime, humanAge, humanDuration, shortId } from '../human.js'

export interface PsFlags extends ReportFlags {
  readonly quiet: boolean
  readonly 'no-trunc': boolean
}

const COMMAND_WIDTH = 17
/** Go's zero time in Unix seconds: podman's "never". */
const NEVER_S = -62_135_596_800
const UNKNOWN_EXIT_CODE = -1

const DEFAULT_FORMAT = 'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.CreatedHuman}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}'
export const PS_FIELDS = [
  ...[
    'ID',
    'Id',
    'Image',
    'ImageID',
    'Command',
    'Created',
    'CreatedAt',
    'CreatedHuman',
    'RunningFor',
    'Status',
    'State',
  ],
  ...['Ports', 'Names', 'Labels', 'Label', 'Mounts', 'Networks', 'Pid', 'ExitCode', 'AutoRemove'],
  ...['StartedAt', 'Exited', 'ExitedAt'],
]
const HEADINGS = {
  ID: 'CONTAINER ID',
  ImageID: 'IMAGE ID',
  CreatedHuman: 'CREATED',
  RunningFor: 'RUNNING FOR',
  CreatedAt: 'CREATED AT',
}

export function containersText(views: readonly ContainerView[], flags: PsFlags, nowMs: number = Date.now()): string {
  const full = flags['no-trunc']
  if (flags.quiet) return views.map(({ record }) => `${full ? record.id : shortId(record.id)}\n`).join('')
  const report = {
    name: 'ps',
    rows: views.map((view) => toRow(view, full, nowMs)),
    json: views.map((view) => toJsonRow(view, nowMs)),
    fields: PS_FIELDS,
    headings: HEADINGS,
    defaultFormat: DEFAULT_FORMAT,
  }
  return reportText(report, flags)
}

function toRow(view: ContainerView, full: boolean, nowMs: number): Readonly<Record<string, unknown>> {
  const { record, status } = view
  const { plan } = record
  const short = (id: string): string => (full ? id : shortId(id))
  const labels = new Map(Object.entries(plan.labels))
  const age = humanAge(Date.parse(record.createdAt), nowMs)
  return {
    ID: short(record.id),
    Id: record.id,
    Image: plan.image.name,
    ImageID: short(plan.image.id),
    Command: shorten(plan.process.args.join(' '), full),
    Created: goTime(record.createdAt),
    CreatedAt: goTime(record.createdAt),
    CreatedHuman: age,
    RunningFor: age,
    Status: statusText(view, nowMs),
    State: status,
    Ports: '',
    Names: record.name,
    Labels: labels,
    Label: (name: unknown) => labels.get(String(name)) ?? '',
    Mounts: plan.mounts.map(({ destination }) => destination),
    Networks: plan.network,
    Pid: pidOf(view),
    ExitCode: exitCodeOf(view),
    AutoRemove: record.removeOnExit,
    StartedAt: toUnixSeconds(view.monitor?.startedAt),
    Exited: status === 'exited',
    ExitedAt: toUnixSeconds(view.exit?.finishedAt),
  }
}

function toJsonRow(view: ContainerView, nowMs: number): Readonly<Record<string, unknown>> {
  const { record, status, exit, monitor } = view
  const { plan } = record
  return {
    AutoRemove: record.removeOnExit,
    Command: plan.process.args,
    CreatedAt: humanAge(Date.parse(record.createdAt), nowMs),
    Exited: status === 'exited',
    ExitedAt: toUnixSeconds(exit?.finishedAt),
    ExitCode: exitCodeOf(view),
    Id: record.id,
    Image: plan.image.name,
    ImageID: plan.image.id,
    IsInfra: false,
    Labels: Object.keys(plan.labels).length === 0 ? null : plan.labels,
    Mounts: plan.mounts.map(({ destination }) => destination),
    Names: [record.name],
    Namespaces: {},
    Networks: [plan.network],
    Pid: pidOf(view),
    Pod: '',
    PodName: '',
    Ports: null,
    Size: null,
    StartedAt: toUnixSeconds(monitor?.startedAt),
    State: status,
    Status: statusText(view, nowMs),
    Created: toUnixSeconds(record.createdAt),
  }
}

/** `Up 2 minutes`, `Exited (0) 3 seconds ago`, `Created`. */
function statusText({ status, exit, monitor }: ContainerView, nowMs: number): string {
  switch (status) {
    case 'running':
      return monitor?.startedAt === undefined ? 'Up' : `Up ${humanDuration(nowMs - Date.parse(monitor.startedAt))}`
    case 'exited':
      return exit === undefined
        ? 'Exited (unknown)'
        : `Exited (${exit.exitCode}) ${humanAge(Date.parse(exit.finishedAt), nowMs)}`
    case 'created':
      return 'Created'
    case 'initialized':
      return 'Initialized'
  }
}

const exitCodeOf = ({ status, exit }: ContainerView): number =>
  exit?.exitCode ?? (status === 'exited' ? UNKNOWN_EXIT_CODE : 0)
const pidOf = ({ status, monitor }: ContainerView): number => (status === 'running' ? (monitor?.containerPid ?? 0) : 0)
const toUnixSeconds = (time: string | undefined): number =>
  time === undefined ? NEVER_S : Math.floor(Date.parse(time) / 1000)
const shorten = (text: string, full: boolean): string =>
  full || text.length <= COMMAND_WIDTH ? text : `${text.slice(0, COMMAND_WIDTH)}...`
