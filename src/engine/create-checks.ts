// What can be told before a container is made: in the user's words now, not by the runtime later.

import { existsSync, writeFileSync } from 'node:fs'
import type { ContainerPlan } from '../model/container.js'
import { ConflictError, errorCode, HostError, UsageError } from '../model/errors.js'
import { readHardLimit } from '../platform/limits.js'
import type { Store } from '../platform/store.js'

export function checkCidfile(file: string | undefined): void {
  if (file === undefined || !existsSync(file)) return
  throw new ConflictError(`create container: --cidfile ${file}: the file exists`, {
    hint: 'remove it: it may belong to another container',
  })
}

/** Without a name there is nothing that could be replaced. */
export function checkReplace({ replace, name }: { readonly replace: boolean; readonly name?: string }): void {
  if (replace && name === undefined)
    throw new UsageError('create container: cannot replace container without --name being set')
}

/** The full id, without a newline, as docker and podman write it. */
export function writeCidfile(file: string, id: string): void {
  try {
    writeFileSync(file, id, { flag: 'wx' })
  } catch (cause) {
    throw new HostError(
      `write --cidfile: ${file}: ${errorCode(cause) === 'ENOENT' ? 'no such directory' : cause instanceof Error ? cause.message : cause}`,
      {
        cause,
        hint: 'its directory must exist and be writable for you',
      },
    )
  }
}

/** Without root a hard limit can only go down: said here with the figure, not by a failed setrlimit. */
export function checkUlimits(store: Store, plan: ContainerPlan): void {
  if (store.userns.kind === 'none') return
  for (const { name, hard } of plan.ulimits) {
    const own = readHardLimit(name)
    if (own === undefined || own === Number.POSITIVE_INFINITY || (hard >= 0 && hard <= own)) continue
    throw new HostError(`set limit: ${name}: ${hard < 0 ? 'unlimited' : hard} is above your own hard limit of ${own}`, {
      hint: `use at most ${own}, or have root raise it in /etc/security/limits.conf`,
    })
  }
}
