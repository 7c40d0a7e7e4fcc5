// What a failed step of the monitor means to the user, with the exit code docker and podman give it. Pure.

import { CommandError, ConflictError, HostError, type LichenError } from '../model/errors.js'

const NOT_FOUND = 127
const NOT_EXECUTABLE = 126

const STEP_HINTS: Readonly<Record<string, string>> = {
  userns:
    '`lichen info` shows the id ranges; /etc/subuid and /etc/subgid need a line for the user, newuidmap and newgidmap their setuid bit',
  mount: '`lichen info` shows which storage drivers work here; --storage-driver picks another one',
  rootfs: '`lichen info` shows which storage drivers work here; --storage-driver picks another one',
}

/** Payload of a `!` frame: STEP NUL TEXT. */
export function toMonitorError(payload: Buffer): LichenError {
  const [step = '', text = ''] = payload.toString('utf8').split('\0')
  if (step === 'busy') return new ConflictError('start container: it is already being started or running')
  if (step === 'create' || step === 'start') return toRuntimeError(text)
  const hint = STEP_HINTS[step]
  return new HostError(`start container: ${step}: ${text.trim()}`, hint === undefined ? {} : { hint })
}

/** TEXT is the runtime's log: JSON lines with `msg`, or plain words. */
export function toRuntimeError(text: string): LichenError {
  const message = lastMessage(text)
  const command =
    /executable file [`"]?([^`"]+?)[`"]? not found/.exec(message) ??
    /exec:? [`"]?(\S+?)[`"]?: (?:no such file|stat .*no such file)/i.exec(message)
  if (command !== null) {
    return new CommandError(`run command: ${command[1]}: not found in the container`, {
      exitCode: NOT_FOUND,
      hint: 'check the spelling, or look into the image: lichen run --rm -it IMAGE sh',
    })
  }
  if (
    /^(?:open executable|exec(?:v|ve)?\b.*|`?executable.*): (?:permission denied|operation not permitted|exec format error|is a directory|not a directory)/i.test(
      message,
    )
  ) {
    return new CommandError(`run command: ${message}`, {
      exitCode: NOT_EXECUTABLE,
      hint: "the file needs its execute bit, a valid #! line and this machine's architecture",
    })
  }
  if (message === 'runtime: not found')
    return new HostError('run OCI runtime: not installed', { hint: 'sudo apt-get install crun (or run scripts/setup)' })
  return new HostError(`run OCI runtime: ${message}`)
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
