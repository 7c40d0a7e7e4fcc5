// lichen manifest push

import { toConversion } from '../../cli/conversion.js'
import { asInt, asText, toggle, value } from '../../cli/flags.js'
import { onlySaid } from '../../cli/only-said.js'
import { registryFlags, toRegistryOptions } from '../../cli/registry-flags.js'
import { BaseCommand } from '../base-command.js'

export default class ManifestPush extends BaseCommand {
  static override summary = 'Send a list and its images to a registry'
  static override description =
    "Sends the images a list names, from the store or from their own registry, then the list, to the DESTINATION, the list's own name unless another is said. What is there already is not sent."
  static override usage = '[options] LIST [DESTINATION]'
  static override examples = [
    'lichen manifest push app:1 registry.example.com/app:1',
    'lichen manifest push --rm --digestfile digest registry.example.com/app:1',
  ]
  static override flags = {
    ...registryFlags,
    all: toggle('Send the images, too; --all=false: the registry has them already', { default: true }),
    'compression-format': value('Compress layers with this', asText, { choices: ['gzip', 'zstd'] }),
    'compression-level': value('How hard: 1 to 9 for gzip, 1 to 22 for zstd', asInt, { type: 'int' }),
    digestfile: value('Write the digest of the list, as it was sent, to this file', asText),
    'force-compression': toggle('Compress also layers that have that compression already'),
    format: value('Send list and images in this format instead of their own', asText, {
      char: 'f',
      choices: ['oci', 'v2s2', 'docker'],
    }),
    quiet: toggle('Show no progress', { char: 'q' }),
    rm: toggle('Remove the list from the store once it is sent', { char: 'p', aliases: ['purge'] }),
  }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ManifestPush)
    const { pushManifestList } = await import('../../engine/manifest-push.js')
    const [name = '', destination] = argv as string[]
    await pushManifestList(await this.openEngine({ showProgress: !flags.quiet }), {
      list: name,
      all: flags.all,
      conversion: toConversion(flags),
      registry: toRegistryOptions(flags),
      removeAfter: flags.rm,
      ...onlySaid({ destination, digestFile: flags.digestfile }),
    })
  }
}
