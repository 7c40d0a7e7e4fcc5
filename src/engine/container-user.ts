// Who runs in a container, and what its passwd and group must tell beside what the image's say.

import type { ContainerRecord } from '../model/container.js'
import { findHostGroup, readHostUser } from '../platform/host-users.js'
import type { Store } from '../platform/store.js'
import { addGroup, addUser, type ContainerUser, resolveUser, type UserFiles } from '../runtime/passwd.js'

export interface DecidedUser {
  readonly user: ContainerUser
  /** passwd and group where they are other than the image's. */
  readonly files: UserFiles
}

/** `userFiles` are those of the mounted rootfs. Throws UsageError when the plan's user does not exist in them, NotFoundError for a host user. */
export function decideUser(store: Store, { plan }: ContainerRecord, userFiles: UserFiles): DecidedUser {
  const known = addHostUsers(userFiles, plan.userFiles.hostUsers)
  const groupAdd = plan.groupAdd.filter((group) => group !== 'keep-groups')
  const user = resolveUser(plan.process.user, known, groupAdd)
  const told = plan.userFiles.addMissing ? addMissing(store, plan, { user, files: known }) : userFiles
  const changed = (name: 'passwd' | 'group') => (told[name] === userFiles[name] ? undefined : told[name])
  return { user, files: { passwd: changed('passwd'), group: changed('group') } }
}

function addHostUsers({ passwd, group }: UserFiles, names: readonly string[]): UserFiles {
  return names.map(readHostUser).reduce<UserFiles>(
    (files, user) => ({
      passwd: addUser(files.passwd ?? '', user),
      group: addGroup(files.group ?? '', { gid: user.gid, name: findHostGroup(user.gid) ?? user.name }),
    }),
    { passwd, group },
  )
}

/** The user that runs, where the image does not know it: by the caller's own name with keep-id, else by its number. */
function addMissing(
  { facts }: Store,
  { userns, process, userFiles }: ContainerRecord['plan'],
  { user, files }: DecidedUser,
): UserFiles {
  const nameOf = (kind: 'uid' | 'gid'): string =>
    userns.mode === 'keep-id' && user[kind] === userns[kind] ? facts.userName : String(user[kind])
  const { uid, gid, isUnknown, isGroupUnknown } = user
  const added = { uid, gid, name: nameOf('uid'), comment: 'container user', home: process.cwd }
  return {
    passwd: isUnknown ? addUser(files.passwd ?? '', added, userFiles.passwdEntry) : files.passwd,
    group: isGroupUnknown
      ? addGroup(files.group ?? '', { gid, name: nameOf('gid'), members: nameOf('uid') }, userFiles.groupEntry)
      : files.group,
  }
}
