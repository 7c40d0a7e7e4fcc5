// lichen artifact pull

import { toggle } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { registryFlags, toRegistryOptions } from '../../cli/registry-flags.js'
import { BaseCommand } from '../base-command.js'

export default class ArtifactPull extends BaseCommand {
  static override summary = 'Fetch an artifact from a registry'
  static override description =
    'Brings an artifact into the local store and prints its digest. An interrupted pull goes on where it stopped.'
  static override usage = '[options] ARTIFACT'
  static override examples = ['lichen artifact pull registry.example.com/models:1']
  static override flags = { ...registryFlags, quiet: toggle('Show no progress', { char: 'q' }) }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 1, of: 'artifact' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ArtifactPull)
    const { pullArtifact } = await import('../../engine/artifact-pull.js')
    const engine = await this.openEngine({ showProgress: !flags.quiet })
    const digest = await pullArtifact(engine, argv[0] as string, toRegistryOptions(flags))
    writeOut(`${digest.slice('sha256:'.length)}\n`)
  }
}
