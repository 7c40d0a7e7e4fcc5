// What can be told of a container's log before it is made: that there is somewhere to write to.

import { accessSync, constants, existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { ContainerPlan } from '../model/container.js'
import { HostError, NotFoundError, UsageError } from '../model/errors.js'
import { JOURNAL_SOCKET } from '../runtime/words-log.js'

const KEPT_HERE = 'without --log-driver it is kept beside the container'

/** Throws NotFoundError, UsageError, HostError. */
export function checkLog({ log }: ContainerPlan): void {
  if (log.driver === 'journald' && !existsSync(JOURNAL_SOCKET))
    throw new HostError(`set up log: ${JOURNAL_SOCKET}: there is no journal on this host`, { hint: KEPT_HERE })
  if (log.path !== undefined) checkFile(log.path)
}

function checkFile(file: string): void {
  const dir = path.dirname(file)
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new NotFoundError(`set up log: ${file}: no such directory: ${dir}`, { hint: `mkdir -p ${dir}` })
  const there = statSync(file, { throwIfNoEntry: false })
  if (there?.isDirectory() === true) throw new UsageError(`set up log: ${file}: is a directory, not a file`)
  try {
    accessSync(there === undefined ? dir : file, constants.W_OK)
  } catch (cause) {
    throw new HostError(`set up log: ${file}: you may not write there`, { cause, hint: KEPT_HERE })
  }
}
