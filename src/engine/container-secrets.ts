// Secrets of a container: files are written into its directory when it is made and stay as they are, as with podman; variables are read
// at each start. Neither is ever in the plan, the log or an error.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { toDiskError } from '../platform/disk-errors.js'
import type { StorePaths } from '../platform/paths.js'
import type { Store } from '../platform/store.js'
import { containerDir } from '../state/records.js'
import { readSecret } from '../storage/secrets.js'

/** Only its owner enters: whoever a file in it is for. */
function secretsDir(paths: StorePaths, { id }: ContainerRecord): string {
  return path.join(containerDir(paths, id), 'secrets')
}

/** Throws NotFoundError when one has been removed meanwhile. */
export function writeSecrets({ paths }: Store, record: ContainerRecord): void {
  const files = listSecretFiles(paths, record)
  if (files.length === 0) return
  mkdirSync(secretsDir(paths, record), { mode: 0o700 })
  for (const { secret, hostPath } of files) {
    const { data } = readSecret(paths, secret.id)
    try {
      writeFileSync(hostPath, data, { mode: 0o600, flag: 'wx' })
      chmodSync(hostPath, secret.mode)
    } catch (error) {
      throw toDiskError(error, `write secret: ${secret.name}`)
    }
  }
}

/** By where they are in the container. */
export function listSecretFiles(
  paths: StorePaths,
  record: ContainerRecord,
): {
  readonly secret: ContainerRecord['plan']['secrets'][number]
  readonly hostPath: string
  readonly containerPath: string
}[] {
  return record.plan.secrets.flatMap((secret, index) => {
    if (secret.type !== 'mount') return []
    return [{ secret, hostPath: path.join(secretsDir(paths, record), String(index)), containerPath: secret.target }]
  })
}

/** `NAME=value`. Throws NotFoundError for one that is gone. */
export function readSecretEnv(paths: StorePaths, { plan }: ContainerRecord): string[] {
  const variables = plan.secrets.filter(({ type }) => type === 'env')
  return variables.map(({ id, target }) => `${target}=${readSecret(paths, id).data.toString('utf8')}`)
}
