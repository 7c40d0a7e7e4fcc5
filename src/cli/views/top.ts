// What `top` shows of processes: podman's format descriptors, by their names and their letters (ps(1), AIX format descriptors).

import { ALL_CAPABILITIES } from '../../model/capabilities.js'
import type { CapabilitySet, ProcessInfo } from '../../model/process-info.js'
import { goDuration } from '../go-duration.js'
import { goTime } from '../human.js'
import { renderTable } from '../table.js'

interface Descriptor {
  readonly code?: string
  readonly heading: string
  readonly show: (it: ProcessInfo) => string | number
}

const DESCRIPTORS: Readonly<Record<string, Descriptor>> = {
  args: { code: '%a', heading: 'COMMAND', show: ({ args, comm }) => (args.length > 0 ? args.join(' ') : `[${comm}]`) },
  capamb: { heading: 'AMBIENT CAPS', show: (it) => capabilityNames(it, 'Amb') },
  capbnd: { heading: 'BOUNDING CAPS', show: (it) => capabilityNames(it, 'Bnd') },
  capeff: { heading: 'EFFECTIVE CAPS', show: (it) => capabilityNames(it, 'Eff') },
  capinh: { heading: 'INHERITED CAPS', show: (it) => capabilityNames(it, 'Inh') },
  capprm: { heading: 'PERMITTED CAPS', show: (it) => capabilityNames(it, 'Prm') },
  comm: { code: '%c', heading: 'COMMAND', show: (it) => it.comm },
  etime: { code: '%t', heading: 'ELAPSED', show: (it) => goDuration(it.elapsedNs) },
  group: { code: '%G', heading: 'GROUP', show: (it) => it.group },
  groups: { heading: 'GROUPS', show: (it) => it.groups.join(',') },
  hgroup: { heading: 'HGROUP', show: (it) => it.hostGroup },
  hgroups: { heading: 'HGROUPS', show: (it) => it.hostGroups.join(',') },
  hpid: { heading: 'HPID', show: (it) => it.hostPid },
  huid: { heading: 'HUID', show: (it) => it.hostUid },
  huser: { heading: 'HUSER', show: (it) => it.hostUser },
  label: { heading: 'LABEL', show: (it) => it.label ?? '?' },
  nice: { code: '%n', heading: 'NI', show: (it) => it.nice },
  pcpu: { code: '%C', heading: '%CPU', show: cpuPercent },
  pgid: { code: '%r', heading: 'PGID', show: (it) => it.pgid },
  pid: { code: '%p', heading: 'PID', show: (it) => it.pid },
  ppid: { code: '%P', heading: 'PPID', show: (it) => it.ppid },
  rgroup: { code: '%g', heading: 'RGROUP', show: (it) => it.realGroup },
  rss: { heading: 'RSS', show: (it) => it.residentKiB },
  ruser: { code: '%u', heading: 'RUSER', show: (it) => it.realUser },
  seccomp: { heading: 'SECCOMP', show: ({ seccomp }) => ['disabled', 'strict', 'filter'][seccomp] ?? '?' },
  state: { heading: 'STATE', show: (it) => it.state },
  stime: { heading: 'STIME', show: (it) => goTime(new Date(it.startedAtMs).toISOString()) },
  time: { code: '%x', heading: 'TIME', show: (it) => goDuration(it.cpuNs) },
  tty: { code: '%y', heading: 'TTY', show: (it) => it.tty ?? '?' },
  uid: { heading: 'UID', show: (it) => it.uid },
  user: { code: '%U', heading: 'USER', show: (it) => it.user },
  vsz: { code: '%z', heading: 'VSZ', show: (it) => it.virtualKiB },
}

export const DESCRIPTOR_NAMES = Object.keys(DESCRIPTORS)
const DEFAULT_DESCRIPTORS = ['user', 'pid', 'ppid', 'pcpu', 'etime', 'tty', 'time', 'args']

/** Their names, from words that may each be a list with commas. Undefined: a word is none, so all are options of ps(1). */
export function parseDescriptors(words: readonly string[]): readonly string[] | undefined {
  const said = words.flatMap((word) => word.split(',')).map((word) => word.trim())
  const names = said.filter(Boolean).map((word) => nameOf(word))
  if (names.includes(undefined)) return undefined
  return names.length === 0 ? DEFAULT_DESCRIPTORS : (names as string[])
}

function nameOf(word: string): string | undefined {
  if (Object.hasOwn(DESCRIPTORS, word)) return word
  return DESCRIPTOR_NAMES.find((name) => DESCRIPTORS[name]?.code === word)
}

export function processesText(processes: readonly ProcessInfo[], names: readonly string[]): string {
  const columns = names.flatMap((name) => DESCRIPTORS[name] ?? [])
  const rows = processes.map((it) => columns.map(({ show }) => String(show(it))))
  return renderTable([columns.map(({ heading }) => heading), ...rows])
}

function cpuPercent({ cpuNs, elapsedNs }: ProcessInfo): string {
  return (elapsedNs === 0 ? 0 : (100 * cpuNs) / elapsedNs).toFixed(3)
}

function capabilityNames({ capabilities }: ProcessInfo, set: CapabilitySet): string {
  const mask = capabilities[set]
  const held = ALL_CAPABILITIES.filter((_name, bit) => (mask & (1n << BigInt(bit))) !== 0n)
  if (held.length === 0) return 'none'
  if (held.length === ALL_CAPABILITIES.length) return 'full'
  return held
    .map((name) => name.replace(/^CAP_/, ''))
    .sort()
    .join(',')
}
