// Who `--user` means inside a rootfs: passwd(5) and group(5) as the container has them. Pure.

import { UsageError } from '../model/errors.js'

export interface ContainerUser {
  readonly uid: number
  readonly gid: number
  readonly additionalGids: readonly number[]
  readonly home: string
  /** No passwd entry has this uid: one may be added so that programs find the user. */
  readonly isUnknown: boolean
  /** The same for the gid and group. */
  readonly isGroupUnknown: boolean
}

export interface UserFiles {
  /** Contents; undefined: the rootfs has no such file. */
  readonly passwd: string | undefined
  readonly group: string | undefined
}

interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

/**
 * `spec` is `[user][:group]`, names or numbers; empty is root. A name without an entry throws UsageError; a number without one is taken as it is
 * (group 0, home /), as docker and podman do. Supplementary groups come only where no group is said.
 */
export function resolveUser(spec: string, files: UserFiles): ContainerUser {
  const colon = spec.indexOf(':')
  const userText = colon < 0 ? spec : spec.slice(0, colon)
  const groupText = colon < 0 ? '' : spec.slice(colon + 1)
  const entries = parsePasswd(files.passwd ?? '')
  const wanted = userText === '' ? '0' : userText
  const entry =
    entries.find(({ name }) => name === wanted) ?? entries.find(({ uid }) => isNumber(wanted) && uid === Number(wanted))
  if (entry === undefined && !isNumber(wanted)) {
    throw new UsageError(`find user: "${userText}": no such user in the container's /etc/passwd`, {
      hint: 'a number works without an entry: --user UID[:GID]',
    })
  }
  const uid = entry?.uid ?? Number(wanted)
  const groups = parseGroups(files.group ?? '')
  const gid = groupText === '' ? (entry?.gid ?? 0) : findGid(groupText, groups)
  const memberOf =
    entry !== undefined && groupText === '' ? groups.filter(({ members }) => members.includes(entry.name)) : []
  // the primary group too: without it a process could drop that group and pass what a file denies to it (CVE-2022-2989)
  const additionalGids = [...new Set([gid, ...memberOf.map((group) => group.gid)])]
  const isGroupUnknown = groups.every((group) => group.gid !== gid)
  return { uid, gid, additionalGids, home: entry?.home || '/', isUnknown: entry === undefined, isGroupUnknown }
}

function parsePasswd(text: string): PasswdEntry[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = '', , home = ''] = line.split(':')
    return isNumber(uid) && isNumber(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : []
  })
}

function parseGroups(text: string): { name: string; gid: number; members: string[] }[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , gid = '', members = ''] = line.split(':')
    return isNumber(gid) ? [{ name, gid: Number(gid), members: members.split(',') }] : []
  })
}

function findGid(text: string, groups: readonly { name: string; gid: number }[]): number {
  const named = groups.find(({ name }) => name === text)
  if (named !== undefined) return named.gid
  if (isNumber(text)) return Number(text)
  throw new UsageError(`find group: "${text}": no such group in the container's /etc/group`, {
    hint: 'a number works without an entry: --user UID:GID',
  })
}

/** ids end at 2^32 - 2 (credentials(7)); more digits are a name. */
function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) < 4294967295
}

/** passwd with a line for a user that runs in the container and that it does not know; the text unchanged if it does. */
export function addUser(
  passwd: string,
  added: { readonly user: ContainerUser; readonly name: string; readonly home: string },
): string {
  if (parsePasswd(passwd).some(({ uid }) => uid === added.user.uid)) return passwd
  const { uid, gid } = added.user
  return `${withNewline(passwd)}${added.name}:*:${uid}:${gid}:container user:${added.home}:/bin/sh\n`
}

/** group with a line for a gid that it does not know: shells say so at every login without one. */
export function addGroup(group: string, added: { readonly gid: number; readonly name: string }): string {
  if (parseGroups(group).some(({ gid }) => gid === added.gid)) return group
  return `${withNewline(group)}${added.name}:x:${added.gid}:\n`
}

const withNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
