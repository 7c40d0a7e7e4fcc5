// Values that are a name or a number by a fixed grammar: container names, users, host names, capabilities, signals.

import { UsageError } from '../../model/errors.js'
import { formatSignal, parseSignal } from '../../model/signal.js'

export function parseContainerName(input: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(input)) return input
  throw new UsageError('names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*')
}

/** The same where the empty name leaves the choice to us; undefined then. */
export function parseNameOrNone(input: string): string | undefined {
  return input === '' ? undefined : parseContainerName(input)
}

/** `[user][:group]`, each a name or a number; whether they exist is the image's to say. */
export function parseUser(input: string): string {
  if (/^[^\s:]*(:[^\s:]*)?$/.test(input)) return input
  throw new UsageError('the form is [USER][:GROUP], names or numbers')
}

export const parseHostname = (input: string): string => parseNetworkName(input, 'host name')
export const parseDomainname = (input: string): string => parseNetworkName(input, 'domain name')

/** Labels as of RFC 1123, with the underscores that people use all the same, and the kernel's 64 bytes. */
function parseNetworkName(input: string, kind: string): string {
  const label = /^[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?$/
  if (input.length <= 64 && input.split('.').every((part) => label.test(part))) return input
  throw new UsageError(`a ${kind} has letters, digits, "_", "-" and ".", and at most 64 characters`)
}

/** capabilities(7) names up to CAP_CHECKPOINT_RESTORE (40), in the kernel's order. */
export const CAPABILITIES: readonly string[] = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
]

/** `net_admin`, `CAP_NET_ADMIN` → `CAP_NET_ADMIN`; `all` → `ALL`. */
export function parseCapability(input: string): string {
  const name = input.toUpperCase().replace(/^CAP_/, '')
  if (name === 'ALL') return 'ALL'
  if (CAPABILITIES.includes(name)) return `CAP_${name}`
  throw new UsageError(`"CAP_${name}": unknown capability: see capabilities(7)`)
}

/** Any spelling of a signal → `SIGTERM`. */
export function parseSignalName(input: string): string {
  const number = parseSignal(input)
  if (number !== undefined) return formatSignal(number)
  if (Number(input) > 64) throw new UsageError('valid signals are 1 through 64')
  throw new UsageError(`invalid signal: ${input}: names are like TERM or SIGTERM, numbers 1 to 64`)
}
