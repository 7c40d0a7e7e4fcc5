// Signal names and numbers of Linux (signal(7)), for every architecture we run on (x86-64, arm64).

const NAMES = [
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'STKFLT',
  'CHLD',
  'CONT',
  'STOP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'XCPU',
  'XFSZ',
  'VTALRM',
  'PROF',
  'WINCH',
  'IO',
  'PWR',
  'SYS',
] as const
const ALIASES: Readonly<Record<string, number>> = { IOT: 6, POLL: 29, CLD: 17 }
const RTMIN = 34
const RTMAX = 64

/** `9`, `KILL`, `SIGKILL`, `sigkill`, `RTMIN+3` → number; undefined when it is no signal. */
export function parseSignal(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text)
    return number >= 1 && number <= RTMAX ? number : undefined
  }
  const name = text.toUpperCase().replace(/^SIG/, '')
  const index = (NAMES as readonly string[]).indexOf(name)
  if (index >= 0) return index + 1
  return ALIASES[name] ?? parseRealtime(name)
}

function parseRealtime(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name)
  if (match === null) return undefined
  const offset = Number(match[3] ?? 0) * (match[2] === '-' ? -1 : 1)
  const number = (match[1] === 'MIN' ? RTMIN : RTMAX) + offset
  return number >= RTMIN && number <= RTMAX ? number : undefined
}

/** 15 → `SIGTERM`; a number without a name is shown as it is. */
export function formatSignal(number: number): string {
  const name = NAMES[number - 1]
  return name === undefined ? String(number) : `SIG${name}`
}

/** What a foreground command passes on to its container: signals that people and supervisors send, not those that tell of a fault in us. */
export const PROXIED_SIGNALS = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGQUIT', 3],
  ['SIGUSR1', 10],
  ['SIGUSR2', 12],
  ['SIGALRM', 14],
  ['SIGTERM', 15],
  ['SIGPWR', 30],
] as const
