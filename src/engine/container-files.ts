// What a container has on disk beside its record: volumes, copies of its secrets. Made right after the record, so that nothing is ever
// without its container; a kill in between leaves a record alone, and the first start makes what is missing.

import { existsSync } from 'node:fs'
import type { ContainerRecord } from '../model/container.js'
import { HostError } from '../model/errors.js'
import { makeVolumes } from './container-volumes.js'
import type { Engine } from './engine.js'

/** Idempotent, also beside another process that does the same. */
export async function makeFiles(store: Engine, record: ContainerRecord): Promise<void> {
  const { plan } = record
  await makeVolumes(store, record)
  if (plan.userns.mode === 'mapped') await (await import('./own-volumes.js')).giveFreshVolumes(store, record)
  if (plan.secrets.length > 0) (await import('./container-secrets.js')).writeSecrets(store, record)
}

/** For a container that ran before: a volume made anew would be empty, and nobody would know. Throws HostError. */
export function refuseLostVolumes({ name, plan }: ContainerRecord): void {
  for (const { volumeName, source } of plan.mounts) {
    if (volumeName === undefined || existsSync(source)) continue
    throw new HostError(`start container: ${name}: its volume "${volumeName}" is gone`, {
      hint: `\`lichen volume create ${volumeName}\` makes it anew, empty`,
    })
  }
}
