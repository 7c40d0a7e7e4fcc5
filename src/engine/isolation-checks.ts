// What of a container's process and isolation can be told before it is made: files that are not there, security modules that are not on.

import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { ContainerPlan } from '../model/container.js'
import { BadInputError, errorCode, HostError, NotFoundError, UsageError } from '../model/errors.js'
import type { CreateRequest } from '../model/run-request.js'
import { readHostUser } from '../platform/host-users.js'
import type { Store } from '../platform/store.js'
import { findTimezone } from '../platform/timezone.js'

/** Throws what the user can act on: UsageError, NotFoundError, HostError. */
export function checkIsolation(store: Store, request: CreateRequest, plan: ContainerPlan): void {
  checkSecurityModules(store, request)
  checkNamespacePaths(plan)
  if (plan.initPath !== undefined) checkInit(plan.initPath)
  if (plan.timezone !== undefined) findTimezone(plan.timezone)
  if (plan.seccomp.startsWith('/')) checkSeccompFile(plan.seccomp)
  for (const name of plan.userFiles.hostUsers) readHostUser(name)
  if (plan.groupAdd.includes('keep-groups') && path.basename(plan.runtime).startsWith('runc'))
    throw new UsageError('plan process: --group-add keep-groups: runc cannot leave groups as they are', {
      hint: 'install crun, or add --runtime crun',
    })
}

function checkSecurityModules({ userns }: Store, { security }: CreateRequest): void {
  const { apparmor, label = [] } = security
  if (apparmor !== undefined && apparmor !== 'unconfined') {
    if (!isOn('/sys/module/apparmor/parameters/enabled', 'Y'))
      throw new HostError(
        `plan isolation: apparmor profile "${apparmor}" specified, but Apparmor is not enabled on this system`,
      )
    if (userns.kind !== 'none')
      throw new HostError(`plan isolation: apparmor profile "${apparmor}": only root can put a process under it`)
  }
  const meant = label.find((option) => option !== 'disable')
  // where SELinux is off there is nothing that a label could change
  if (meant !== undefined && existsSync('/sys/fs/selinux/enforce'))
    throw new HostError(`plan isolation: label=${meant}: SELinux labels are not set by lichen`, {
      hint: 'containers run with your own label; add --security-opt label=disable to say so',
    })
}

function isOn(file: string, word: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8').startsWith(word)
}

/** A namespace may be gone by the time of the start; one that never was is a mistake. */
function checkNamespacePaths({ namespaces, network, usernsOf }: ContainerPlan): void {
  const modes = { PID: namespaces.pid, IPC: namespaces.ipc, UTS: namespaces.uts, cgroup: namespaces.cgroup }
  for (const [kind, mode] of Object.entries({ ...modes, network, user: usernsOf })) {
    const file = namespacePath(mode)
    if (file !== undefined && !existsSync(file))
      throw new NotFoundError(`plan namespaces: cannot find specified ${kind} namespace path: ${file}`)
  }
}

/** Of `ns:PATH`. */
export function namespacePath(mode: string | undefined): string | undefined {
  return mode?.startsWith('ns:') ? mode.slice('ns:'.length) : undefined
}

function checkInit(file: string): void {
  try {
    accessSync(file, constants.X_OK)
    if (statSync(file).isFile()) return
  } catch (cause) {
    throw new HostError(
      `plan process: --init-path ${file}: ${errorCode(cause) === 'ENOENT' ? 'no such file' : 'not executable'}`,
      { cause },
    )
  }
  throw new HostError(`plan process: --init-path ${file}: not a file`)
}

function checkSeccompFile(file: string): void {
  if (existsSync(file)) return
  throw new BadInputError(`opening seccomp profile failed: ${file}: no such file or directory`)
}
