// lichen pull

import { forEachName } from '../cli/each.js'
import { toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { writeOut } from '../cli/output.js'
import { platformFlags, registryFlags, toPlatformRequest, toRegistryOptions } from '../cli/registry-flags.js'
import { PULL_POLICIES, parsePullPolicy } from '../cli/values/pull-policy.js'
import { BaseCommand } from './base-command.js'

export default class Pull extends BaseCommand {
  static override summary = 'Fetch images from a registry'
  static override description =
    'Brings images here and prints their IDs. A name without a registry means docker.io, unless lichen.toml names others.\nWhat is here already is not fetched again, and an interrupted pull goes on where it stopped.'
  static override usage = '[options] IMAGE [IMAGE...]'
  static override examples = [
    'lichen pull alpine',
    'lichen pull --platform linux/arm64 debian:12',
    'lichen pull -q --tls-verify=false registry.local:5000/app@sha256:...',
  ]
  static override aliases = ['image:pull']
  static override flags = {
    ...registryFlags,
    ...platformFlags,
    'all-tags': toggle('Every tag of the repository', { char: 'a' }),
    policy: value(`When the registry is asked (${PULL_POLICIES.join(', ')})`, parsePullPolicy, {
      default: 'always' as const,
      aliases: ['pull'],
    }),
    quiet: toggle('Show no progress', { char: 'q' }),
  }
  static override group = 'Images' as const
  static override arity = { min: 1, max: Infinity, of: 'image' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Pull)
    const { pullAllTags, pullImage } = await import('../engine/pull-image.js')
    const engine = await this.openEngine({ showProgress: !flags.quiet })
    const request = {
      policy: flags.policy,
      registry: toRegistryOptions(flags),
      ...onlySaid({ platform: toPlatformRequest(flags) }),
    }
    return forEachName(argv as string[], { ...this.errorContext, quiet: true }, async (name) => {
      const pulled = flags['all-tags']
        ? await pullAllTags(engine, { ...request, name })
        : [await pullImage(engine, { ...request, name })]
      for (const { image, warnings } of pulled) {
        this.showWarnings(warnings)
        writeOut(`${image.id}\n`)
      }
    })
  }
}
