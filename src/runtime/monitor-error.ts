// What a failed step of the monitor means to the user, with the exit code docker and podman give it. Pure.

import { BusyError, CommandError, HostError, type LichenError } from '../model/errors.js'

const NOT_FOUND = 127
const NOT_EXECUTABLE = 126

const STEP_HINTS: Readonly<Record<string, string>> = {
  userns:
    '`lichen info` shows the id ranges; /etc/subuid and /etc/subgid need a line for the user, newuidmap and newgidmap their setuid bit',
  mount: '`lichen info` shows which storage drivers work here; --storage-driver picks another one',
  rootfs: '`lichen info` shows which storage drivers work here; --storage-driver picks another one',
}

/** Payload of a `!` frame: STEP NUL TEXT. `command` is what the container was to run. */
export function toMonitorError(payload: Buffer, command: string): LichenError {
  const [step = '', text = ''] = payload.toString('utf8').split('\0')
  if (step === 'busy') return new BusyError('start container: it is already being started or running')
  if (step === 'create' || step === 'start') return toRuntimeError(text, command)
  const hint = STEP_HINTS[step]
  return new HostError(`start container: ${step}: ${text.trim()}`, hint === undefined ? {} : { hint })
}

const RUNTIME_HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /set(?:groups|(?:res)?[ug]id).*(?:invalid argument|not permitted)/i,
    'the container can only have users that are mapped: `lichen info` shows how many, /etc/subuid and /etc/subgid give more',
  ],
  [/killed by signal 9/, 'try again; `dmesg` tells when it was the kernel, for want of memory'],
  [
    /keyring.*quota exceeded/i,
    'each container takes one of the keys that the kernel gives a user (200): sudo sysctl -w kernel.keys.maxkeys=20000',
  ],
  [/no space left on device/i, 'free some space, or keep the store elsewhere with --root'],
]

/** How crun and runc say it. */
const NOT_FOUND_MESSAGES = [
  /executable file [`"](?:[^`"]+)[`"] not found/, // crun
  /^exec [^:]+: no such file or directory/, // runc, after the start
  /exec: "(?:[^"]+)": (?:executable file not found|stat .*: no such file)/, // runc
  /^(?:open executable|exec|exec container process.*): no such file/i, // crun, a path, or the interpreter that a script names
]
const NOT_EXECUTABLE_MESSAGES = [
  /^(?:open executable|exec[a-z]*\b.*): (?:permission denied|operation not permitted|exec format error|is a directory|not a directory)/i, // crun
  /exec:? "?(?:[^"]+?)"?: (?:permission denied|is a directory|exec format error)/i, // runc
]

/** crun's and runc's words for a working directory that is missing. */
const CHDIR_MESSAGE = /chdir (?:to cwd \()?[`"]([^`"]*)[`"].*: no such file or directory/i

/** `text` is the runtime's log: JSON lines with `msg`, or plain words. */
export function toRuntimeError(text: string, command: string): LichenError {
  const message = lastMessage(text)
  if (NOT_FOUND_MESSAGES.some((pattern) => pattern.test(message))) {
    return new CommandError(`run command: ${command}: not found in the container`, {
      exitCode: NOT_FOUND,
      hint: 'check the spelling, or look into the image: lichen run --rm -it IMAGE sh; a script also needs the interpreter it names',
    })
  }
  if (NOT_EXECUTABLE_MESSAGES.some((pattern) => pattern.test(message))) {
    return new CommandError(`run command: ${command}: cannot be executed: ${message}`, {
      exitCode: NOT_EXECUTABLE,
      hint: "the file needs its execute bit, a valid #! line and this machine's architecture",
    })
  }
  const missing = CHDIR_MESSAGE.exec(message)
  if (missing !== null) {
    return new CommandError(`enter working directory: ${missing[1]}: no such file or directory in the container`, {
      exitCode: NOT_FOUND,
      hint: '--workdir (-w) names one that exists',
    })
  }
  if (message === 'runtime: not found') {
    return new HostError('run OCI runtime: not installed', { hint: 'sudo apt-get install crun (or run scripts/setup)' })
  }
  const hint = RUNTIME_HINTS.find(([pattern]) => pattern.test(message))?.[1]
  return new HostError(`run OCI runtime: ${message}`, hint === undefined ? {} : { hint })
}

function lastMessage(text: string): string {
  const last = text.trim().split('\n').at(-1) ?? ''
  try {
    const entry = JSON.parse(last) as { msg?: unknown }
    return typeof entry.msg === 'string' ? entry.msg : last
  } catch {
    return last
  }
}
