// How the image of a container is brought here when it must be.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { ImagePullRequest } from '../../model/run-request.js'
import { toggle, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import {
  connectionFlags,
  platformFlags,
  registryFlags,
  toPlatformRequest,
  toRegistryOptions,
} from '../registry-flags.js'
import { PULL_POLICIES, parsePullPolicy } from '../values/pull-policy.js'

export const imageFlags = {
  ...connectionFlags,
  ...platformFlags,
  pull: value(`When the registry is asked for the image (${PULL_POLICIES.join(', ')})`, parsePullPolicy, {
    default: 'missing' as const,
    emptyIsUnsaid: true,
  }),
  quiet: toggle('Show nothing of a pull', { char: 'q' }),
  retry: registryFlags.retry,
  'retry-delay': registryFlags['retry-delay'],
}

export function toImagePullRequest(flags: InferredFlags<typeof imageFlags>): ImagePullRequest {
  const platform = toPlatformRequest(flags)
  return { policy: flags.pull, registry: toRegistryOptions(flags), ...onlySaid({ platform }) }
}
