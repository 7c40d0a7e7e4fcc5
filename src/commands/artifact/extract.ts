// lichen artifact extract

import { asText, value } from '../../cli/flags.js'
import { onlySaid } from '../../cli/only-said.js'
import { BaseCommand } from '../base-command.js'

export default class ArtifactExtract extends BaseCommand {
  static override summary = 'Write the files of an artifact'
  static override description =
    'Writes the files of an artifact into a directory, under their titles (their digests where they have none), or one file to a PATH. A file that is there already is replaced; links are not followed.'
  static override usage = '[options] ARTIFACT PATH'
  static override examples = [
    'lichen artifact extract registry.example.com/models:1 .',
    'lichen artifact extract --title README.md registry.example.com/models:1 /tmp/readme',
  ]
  static override flags = {
    digest: value('Only the file with this digest', asText, { exclusive: ['title'] }),
    title: value('Only the file with this title', asText),
  }
  static override group = 'Images' as const
  static override arity = { min: 2, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ArtifactExtract)
    const { extractArtifact } = await import('../../engine/artifact-extract.js')
    const [artifact = '', target = ''] = argv as string[]
    await extractArtifact(await this.openEngine(), { artifact, target, ...onlySaid(flags) })
  }
}
