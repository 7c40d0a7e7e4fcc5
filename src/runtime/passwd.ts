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

/** The overflow id, of nobody and nogroup. */
const NOBODY = 65534

interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

/**
 * `spec` is `[user][:group]`, names or numbers; empty is root. A name without an entry throws UsageError; a number without one is taken as it is
 * (group 0, home /), as docker and podman do. Supplementary groups come only where no group is said, and those of `groupAdd` always.
 */
export function resolveUser(spec: string, files: UserFiles, groupAdd: readonly string[] = []): ContainerUser {
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
  const added = groupAdd.map((text) => findGid(text, groups))
  const additionalGids = [...new Set([gid, ...memberOf.map((group) => group.gid), ...added])]
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

/** A user that passwd gets a line for. */
export interface AddedUser {
  readonly uid: number
  readonly gid: number
  readonly name: string
  /** For people: the fifth field. */
  readonly comment: string
  readonly home: string
}

/** passwd with a line for a user that it does not know, or `template` filled in for it; the text unchanged if it does. */
export function addUser(passwd: string, user: AddedUser, template?: string): string {
  if (parsePasswd(passwd).some(({ uid, name }) => uid === user.uid || name === user.name)) return passwd
  const { name, uid, gid, comment, home } = user
  const words = { USERNAME: name, UID: uid, GID: gid, NAME: comment, HOME: home }
  return `${withNewline(passwd)}${fillIn(template ?? '$USERNAME:*:$UID:$GID:$NAME:$HOME:/bin/sh', words)}\n`
}

/** group with a line for a gid that it does not know: shells say so at every login without one. */
export function addGroup(
  group: string,
  added: { readonly gid: number; readonly name: string; readonly members?: string },
  template?: string,
): string {
  if (parseGroups(group).some(({ gid }) => gid === added.gid)) return group
  const words = { GROUPNAME: added.name, GID: added.gid, USERLIST: added.members ?? '' }
  return `${withNewline(group)}${fillIn(template ?? '$GROUPNAME:x:$GID:$USERLIST', words)}\n`
}

/** What is filled in is one field: it must not make more of them. */
function fillIn(template: string, words: Readonly<Record<string, string | number>>): string {
  return template.replace(/\$([A-Z]+)/g, (whole, name: string) => String(words[name] ?? whole).replace(/[:\n]/g, ' '))
}

/** Of all users and groups that have a number of their own; nobody is who has none. */
export function highestId(passwd: string, group: string): number {
  const users = parsePasswd(passwd).filter(({ name }) => name !== 'nobody')
  const groups = parseGroups(group).filter(({ name }) => name !== 'nogroup' && name !== 'nobody')
  return Math.max(
    0,
    ...users.flatMap(({ uid, gid }) => (gid === NOBODY ? [uid] : [uid, gid])),
    ...groups.map(({ gid }) => gid),
  )
}

const withNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
