// What `ps` shows of containers: podman's columns, template fields and JSON. The engine says what is true, this how it looks.

import type { ContainerView } from '../../model/container.js'
import { isUp } from '../../model/status.js'
import { type ReportFlags, reportText } from '../format.js'
import { exactSize, goTime, humanAge, humanDuration, shortId } from '../human.js'

export interface PsFlags extends ReportFlags {
  readonly quiet: boolean
  readonly 'no-trunc': boolean
  readonly size?: boolean
  readonly ns?: boolean
  readonly pod?: boolean
}

/** By id; only where they were asked for. */
export interface PsExtras {
  readonly sizes?: ReadonlyMap<string, { readonly ownBytes: number; readonly rootfsBytes: number }>
  /** Inode numbers by the kernel's names: mnt, pid … */
  readonly namespaces?: ReadonlyMap<string, Readonly<Record<string, string>>>
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
  ...['StartedAt', 'Exited', 'ExitedAt', 'Pod', 'PodName', 'Restarts', 'IsInfra', 'LocalVolumes'],
  ...['Size', 'Namespaces', 'CGROUPNS', 'IPC', 'MNT', 'NET', 'PIDNS', 'USERNS', 'UTS'],
]
const HEADINGS = {
  ID: 'CONTAINER ID',
  ImageID: 'IMAGE ID',
  CreatedHuman: 'CREATED',
  RunningFor: 'RUNNING FOR',
  CreatedAt: 'CREATED AT',
  Pod: 'POD ID',
  PodName: 'PODNAME',
}

const NS_FORMAT =
  'table {{.ID}}\t{{.Names}}\t{{.Pid}}\t{{.CGROUPNS}}\t{{.IPC}}\t{{.MNT}}\t{{.NET}}\t{{.PIDNS}}\t{{.USERNS}}\t{{.UTS}}'

export function containersText(
  views: readonly ContainerView[],
  flags: PsFlags,
  extras: PsExtras = {},
  nowMs: number = Date.now(),
): string {
  const full = flags['no-trunc']
  if (flags.quiet && flags.format === undefined)
    return views.map(({ record }) => `${full ? record.id : shortId(record.id)}\n`).join('')
  const report = {
    name: 'ps',
    rows: views.map((view) => ({ ...toRow(view, full, nowMs), ...toExtraFields(view, extras) })),
    json: views.map((view) => ({ ...toJsonRow(view, nowMs), ...toExtraJson(view, extras) })),
    fields: PS_FIELDS,
    headings: HEADINGS,
    defaultFormat: defaultFormat(flags),
  }
  return reportText(report, flags)
}

function defaultFormat({ ns = false, pod = false, size = false }: PsFlags): string {
  if (ns) return NS_FORMAT
  return `${DEFAULT_FORMAT}${pod ? '\t{{.Pod}}\t{{.PodName}}' : ''}${size ? '\t{{.Size}}' : ''}`
}

function toExtraFields({ record }: ContainerView, { sizes, namespaces }: PsExtras): Readonly<Record<string, unknown>> {
  const size = sizes?.get(record.id)
  const ns = namespaces?.get(record.id) ?? {}
  const at = (kind: string): string => ns[kind] ?? ''
  return {
    Size: size === undefined ? '' : `${exactSize(size.ownBytes, 3)} (virtual ${exactSize(size.rootfsBytes, 3)})`,
    Namespaces: new Map(Object.entries(ns)),
    CGROUPNS: at('cgroup'),
    IPC: at('ipc'),
    MNT: at('mnt'),
    NET: at('net'),
    PIDNS: at('pid'),
    USERNS: at('user'),
    UTS: at('uts'),
  }
}

function toExtraJson({ record }: ContainerView, { sizes, namespaces }: PsExtras): Readonly<Record<string, unknown>> {
  const size = sizes?.get(record.id)
  const ns = namespaces?.get(record.id)
  const Namespaces = {
    ...{ Mnt: ns?.mnt, Cgroup: ns?.cgroup, Ipc: ns?.ipc, Net: ns?.net },
    ...{ Pidns: ns?.pid, Uts: ns?.uts, User: ns?.user },
  }
  return {
    ...(ns === undefined ? {} : { Namespaces }),
    ...(size === undefined ? {} : { Size: { rootFsSize: size.rootfsBytes, rwSize: size.ownBytes } }),
  }
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
    Pod: '',
    PodName: '',
    Restarts: view.monitor?.restarts ?? 0,
    IsInfra: false,
    // docker's: how many of them are volumes
    LocalVolumes: plan.mounts.filter(({ kind }) => kind === 'volume').length,
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
    Restarts: monitor?.restarts ?? 0,
    Size: null,
    StartedAt: toUnixSeconds(monitor?.startedAt),
    State: status,
    Status: statusText(view, nowMs),
    Created: toUnixSeconds(record.createdAt),
  }
}

/** `Up 2 minutes (healthy)`, `Exited (0) 3 seconds ago`, `Created`. */
function statusText({ status, exit, monitor, health }: ContainerView, nowMs: number): string {
  switch (status) {
    case 'running': {
      const age = monitor?.startedAt === undefined ? '' : ` ${humanDuration(nowMs - Date.parse(monitor.startedAt))}`
      return `Up${age}${health === undefined ? '' : ` (${health.status})`}`
    }
    case 'paused':
      return 'Paused'
    case 'restarting':
      return 'Restarting'
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
const pidOf = ({ status, monitor }: ContainerView): number => (isUp(status) ? (monitor?.containerPid ?? 0) : 0)
const toUnixSeconds = (time: string | undefined): number =>
  time === undefined ? NEVER_S : Math.floor(Date.parse(time) / 1000)
const shorten = (text: string, full: boolean): string =>
  full || text.length <= COMMAND_WIDTH ? text : `${text.slice(0, COMMAND_WIDTH)}...`
