// What `manifest add` and `manifest annotate` can say about an image of a list.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { EntryChange } from '../model/manifest-list.js'
import { asText, list, value } from './flags.js'
import { onlySaid } from './only-said.js'
import { parseAnnotation } from './values/annotation.js'

export const entryFlags = {
  annotation: list('Say KEY=VALUE of the image', parseAnnotation),
  arch: value("Say that this is the image's architecture", asText),
  features: list('Features of the processor that it needs', asText, { commas: true }),
  os: value("Say that this is the image's operating system", asText),
  'os-features': list('Features of the operating system that it needs', asText, { commas: true }),
  'os-version': value('Version of the operating system that it needs', asText),
  variant: value("Say that this is the architecture's variant", asText),
}

/** undefined: nothing was said. */
export function toEntryChange(flags: InferredFlags<typeof entryFlags>): EntryChange | undefined {
  const { annotation, features, 'os-features': osFeatures } = flags
  const change = onlySaid({
    os: flags.os,
    architecture: flags.arch,
    variant: flags.variant,
    osVersion: flags['os-version'],
    osFeatures: osFeatures.length === 0 ? undefined : osFeatures,
    features: features.length === 0 ? undefined : features,
    annotations: annotation.length === 0 ? undefined : Object.fromEntries(annotation),
  })
  return Object.keys(change).length === 0 ? undefined : change
}
