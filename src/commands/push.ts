// lichen push

import { toConversion } from '../cli/conversion.js'
import { asInt, asText, toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { registryFlags, toRegistryOptions } from '../cli/registry-flags.js'
import { BaseCommand } from './base-command.js'

export default class Push extends BaseCommand {
  static override summary = 'Send an image to a registry'
  static override description =
    'Sends an image to the DESTINATION, its own name unless another is said: a registry (docker://HOST/REPOSITORY:TAG, or without the prefix), an OCI layout (oci:DIRECTORY[:NAME]), a directory (dir:DIRECTORY) or an archive (oci-archive:FILE[:NAME], docker-archive:FILE[:REFERENCE]).\nWhat is sent is what is stored, byte for byte, so that an image keeps its digest, unless a format or compression is asked for. What is there already is not sent.'
  static override usage = '[options] IMAGE [DESTINATION]'
  static override examples = [
    'lichen push registry.example.com/app:1',
    'lichen push --digestfile digest app registry.example.com/app:1',
    'lichen push --compression-format zstd app oci:/srv/layout:app',
  ]
  static override aliases = ['image:push']
  static override flags = {
    ...registryFlags,
    all: toggle('IMAGE is a list: send it with all its images'),
    'all-tags': toggle('Send every image that has a name in the repository IMAGE', { char: 'a', exclusive: ['all'] }),
    'compression-format': value('Compress layers with this', asText, { choices: ['gzip', 'zstd'] }),
    'compression-level': value('How hard: 1 to 9 for gzip, 1 to 22 for zstd', asInt, { type: 'int' }),
    digestfile: value("Write the digest of the image's manifest, as it was sent, to this file", asText),
    'force-compression': toggle('Compress also layers that have that compression already'),
    format: value("Send the manifest in this format instead of the image's", asText, {
      char: 'f',
      choices: ['oci', 'v2s2', 'docker'],
    }),
    quiet: toggle('Show no progress', { char: 'q' }),
  }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Push)
    const { pushAllTags, pushImage, pushWholeList } = await import('../engine/push.js')
    const [image = '', destination] = argv as string[]
    const request = {
      image,
      conversion: toConversion(flags),
      registry: toRegistryOptions(flags),
      ...onlySaid({ destination, digestFile: flags.digestfile }),
    }
    const push = flags['all-tags'] ? pushAllTags : flags.all ? pushWholeList : pushImage
    await push(await this.openEngine({ showProgress: !flags.quiet }), request)
  }
}
