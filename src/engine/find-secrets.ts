// Which secrets a container is given, and as what: looked up by name before the container is made. Their data is not for the plan.

import { UsageError } from '../model/errors.js'
import type { PlannedSecret, SecretRequest } from '../model/mounts.js'
import type { StorePaths } from '../platform/paths.js'
import { findSecret } from '../storage/secrets.js'

/** podman's place for them. */
const DIRECTORY = '/run/secrets'

/** Throws NotFoundError; UsageError when two would have one place. */
export function findSecrets(paths: StorePaths, requests: readonly SecretRequest[]): PlannedSecret[] {
  const secrets = requests.map((request): PlannedSecret => {
    const { id, name } = findSecret(paths, request.secret)
    const { type, target = name, uid, gid, mode } = request
    return {
      id,
      name,
      type,
      uid,
      gid,
      mode,
      target: type === 'env' || target.startsWith('/') ? target : `${DIRECTORY}/${target}`,
    }
  })
  const twice = secrets.find((secret, index) =>
    secrets.some((other, at) => at < index && other.type === secret.type && other.target === secret.target),
  )
  if (twice !== undefined) throw new UsageError(`give secret: ${twice.name}: there is another at ${twice.target}`)
  return secrets
}
