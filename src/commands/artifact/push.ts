// lichen artifact push

import { asText, toggle, value } from '../../cli/flags.js'
import { onlySaid } from '../../cli/only-said.js'
import { registryFlags, toRegistryOptions } from '../../cli/registry-flags.js'
import { BaseCommand } from '../base-command.js'

export default class ArtifactPush extends BaseCommand {
  static override summary = 'Send an artifact to a registry'
  static override description =
    'Sends an artifact to the registry its name says. What is there already is not sent, and the digest stays what it is.'
  static override usage = '[options] ARTIFACT'
  static override examples = ['lichen artifact push registry.example.com/models:1']
  static override flags = {
    ...registryFlags,
    digestfile: value('Write the digest of the artifact to this file', asText),
    quiet: toggle('Show no progress', { char: 'q' }),
  }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 1, of: 'artifact' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ArtifactPush)
    const { pushArtifact } = await import('../../engine/artifact-push.js')
    const engine = await this.openEngine({ showProgress: !flags.quiet })
    const request = { registry: toRegistryOptions(flags), ...onlySaid({ digestFile: flags.digestfile }) }
    await pushArtifact(engine, argv[0] as string, request)
  }
}
