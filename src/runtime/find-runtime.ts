// Which OCI runtime runs the containers: the one asked for, else crun, else runc.

import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { HostError } from '../model/errors.js'
import { findProgram, type HostFacts } from '../platform/host-facts.js'

export interface Runtime {
  readonly path: string
  readonly kind: 'crun' | 'runc'
}

const INSTALL_HINT = 'sudo apt-get install crun (or run scripts/setup)'

/** `wanted` is a name or path (`--runtime`). Throws HostError when there is none. */
export function findRuntime(facts: HostFacts, wanted?: string): Runtime {
  const names = wanted === undefined ? ['crun', 'runc'] : [wanted]
  for (const name of names) {
    const found = name.includes('/') ? executableAt(path.resolve(facts.cwd, name)) : findProgram(name, facts.env)
    if (found !== undefined) return { path: found, kind: path.basename(found).startsWith('runc') ? 'runc' : 'crun' }
  }
  throw new HostError(`find OCI runtime: ${names.join(', ')}: not installed`, {
    hint: wanted === undefined ? INSTALL_HINT : 'leave --runtime out to use crun or runc, whichever is there',
  })
}

function executableAt(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK)
    return file
  } catch {
    return undefined
  }
}
