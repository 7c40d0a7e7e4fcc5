// Values about the process: umask, domain of execution, systemd, lines of passwd and group, `--env-merge`, `--sysctl`.

import { UsageError } from '../../model/errors.js'
import type { Personality, SystemdRequest } from '../../model/process.js'
import { asUint } from '../flags.js'

/** Octal, as umask(1) takes it. */
export function parseUmask(input: string): number {
  if (/^[0-7]{1,4}$/.test(input)) return Number.parseInt(input, 8)
  throw new UsageError(`invalid umask string ${input}: invalid argument`)
}

export function parsePersonality(input: string): Personality {
  if (input === 'LINUX' || input === 'LINUX32') return input
  throw new UsageError(`unknown personality "${input}": there are LINUX and LINUX32`)
}

const SYSTEMD: Readonly<Record<string, SystemdRequest>> = { true: 'auto', false: 'never', always: 'always' }

export function parseSystemd(input: string): SystemdRequest {
  const request = SYSTEMD[input.toLowerCase()]
  if (request !== undefined) return request
  throw new UsageError('--systemd values must be one of "true, false, always"')
}

export function parsePasswdEntry(input: string): string {
  return parseEntry(input, { fields: 7, form: '$USERNAME:x:$UID:$GID:$NAME:$HOME:/bin/sh' })
}

export function parseGroupEntry(input: string): string {
  return parseEntry(input, { fields: 4, form: '$GROUPNAME:x:$GID:$USERLIST' })
}

/** One line: more of them, or too few fields, would make other users than the one that was meant. */
function parseEntry(input: string, { fields, form }: { readonly fields: number; readonly form: string }): string {
  const line = input.replace(/\n$/, '')
  if (!line.includes('\n') && line.split(':').length === fields) return line
  throw new UsageError(`the form is one line of ${fields} fields, like '${form}'`)
}

/** `NAME=TEXT`. */
export function parseEnvMerge(input: string): readonly [name: string, text: string] {
  const equals = input.indexOf('=')
  if (equals > 0) return [input.slice(0, equals), input.slice(equals + 1)]
  throw new UsageError(`invalid environment variable: "${input}": the form is NAME=TEXT, TEXT may have \${NAME} in it`)
}

/** `NAME=VALUE`, with dots or slashes in NAME (sysctl(8)); of those that belong to a namespace, which alone a container may have its own of. */
export function parseSysctl(input: string): readonly [name: string, value: string] {
  const equals = input.indexOf('=')
  if (equals <= 0) throw new UsageError(`${input} is invalid, sysctl values must be in the form of KEY=VALUE`)
  const name = input.slice(0, equals).trim().replaceAll('/', '.')
  if (/^(net(\.[\w-]+)+|fs\.mqueue\.\w+|kernel\.(msgmax|msgmnb|msgmni|sem|shm(all|max|mni|_rmid_forced)))$/.test(name))
    return [name, input.slice(equals + 1).trim()]
  throw new UsageError(`sysctl '${name}' is not allowed`)
}

export function parseGroup(input: string): string {
  if (input !== '' && !/[\s:]/.test(input)) return input
  throw new UsageError('the form is a name, a number, or keep-groups')
}

/** `keep-groups` is of the caller's groups, of which no one knows here who they are: others beside them cannot be. */
export function checkGroupAdd(groups: readonly string[]): readonly string[] {
  if (groups.length > 1 && groups.includes('keep-groups'))
    throw new UsageError("the '--group-add keep-groups' option is not allowed with any other --group-add options")
  return groups
}

export function parseContainerDirectory(input: string): string {
  if (input.startsWith('/')) return input
  throw new UsageError(`"${input}" must be an absolute path`)
}

export function parseSeccompPolicy(input: string): 'default' | 'image' {
  if (input === 'default' || input === 'image') return input
  throw new UsageError(`invalid seccomp policy "${input}": valid policies are ["default" "image"]`)
}

/** Above the three standard ones. */
export function parseDescriptor(input: string): number {
  const fd = asUint(input)
  if (fd >= 3) return fd
  throw new UsageError(
    `cannot preserve FD ${fd}, consider using the passthrough log-driver to pass STDIO streams into the container`,
  )
}
