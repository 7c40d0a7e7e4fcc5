// Secrets of a container: files are written into its directory when it is made and stay as they are, as with podman; variables are read
// at each start. Neither is ever in the plan, the log or an error.

import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { errorCode } from '../model/errors.js'
import { toDiskError } from '../platform/disk-errors.js'
import { writeFileAtomic } from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { containerDir } from '../state/records.js'
import { readSecret } from '../storage/secrets.js'

/** Only its owner enters: whoever a file in it is for. */
function secretsDir(paths: StorePaths, { id }: ContainerRecord): string {
  return path.join(containerDir(paths, id), 'secrets')
}

/** All of them, by one rename; idempotent. Throws NotFoundError when one has been removed meanwhile. */
export function writeSecrets({ paths }: Store, record: ContainerRecord): void {
  const files = listSecretFiles(paths, record)
  const dir = secretsDir(paths, record)
  if (files.length === 0 || existsSync(dir)) return
  const staged = makeStagingDir(paths)
  try {
    for (const { secret, hostPath } of files) {
      const file = path.join(staged, path.basename(hostPath))
      const { data } = readSecret(paths, secret.id)
      try {
        writeFileAtomic(file, data, { durable: !record.removeOnExit })
        chmodSync(file, secret.mode)
      } catch (error) {
        throw toDiskError(error, `write secret: ${secret.name}`)
      }
    }
    renameSync(staged, dir)
  } catch (error) {
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error // another process was faster
  } finally {
    rmSync(staged, { recursive: true, force: true })
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
