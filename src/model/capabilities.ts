// Linux capabilities by name (capabilities(7)), and what --cap-add and --cap-drop make of the default set.

import { UsageError } from './errors.js'

/** In kernel order: the index is the capability's number. */
export const ALL_CAPABILITIES: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
].map((name) => `CAP_${name}`)

/** podman's default set (containers.conf(5), default_capabilities). */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
].map((name) => `CAP_${name}`)

export interface CapabilitySets {
  readonly base: readonly string[]
  /** What `ALL` means here. */
  readonly all: readonly string[]
}

/**
 * The set after adds and drops, in kernel order. `ALL` is every capability; a drop of ALL comes before the adds, an add of ALL before the drops.
 * Throws UsageError for an unknown name or one that is both added and dropped.
 */
export function resolveCapabilities(
  { base, all }: CapabilitySets,
  add: readonly string[],
  drop: readonly string[],
): string[] {
  const added = new Set(add.map(normalize))
  const dropped = new Set(drop.map(normalize))
  const both = [...added].find((name) => dropped.has(name))
  if (both !== undefined) throw new UsageError(`resolve capabilities: ${both} is both added and dropped`)
  const start = dropped.has('ALL') ? [] : added.has('ALL') ? all : base
  const result = new Set(start)
  for (const name of added) if (name !== 'ALL') result.add(name)
  for (const name of dropped) result.delete(name)
  return ALL_CAPABILITIES.filter((name) => result.has(name))
}

function normalize(text: string): string {
  const upper = text.toUpperCase()
  if (upper === 'ALL' || upper === 'CAP_ALL') return 'ALL'
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
  if (ALL_CAPABILITIES.includes(name)) return name
  throw new UsageError(`resolve capabilities: "${text}": unknown capability`, {
    hint: 'names are listed in capabilities(7), with or without CAP_',
  })
}
