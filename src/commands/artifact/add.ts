// lichen artifact add

import { asText, list, toggle, value } from '../../cli/flags.js'
import { onlySaid } from '../../cli/only-said.js'
import { writeOut } from '../../cli/output.js'
import { parseAnnotation } from '../../cli/values/annotation.js'
import { BaseCommand } from '../base-command.js'

export default class ArtifactAdd extends BaseCommand {
  static override summary = 'Make an artifact of files'
  static override description =
    'Keeps files as an artifact, which `artifact push` sends to a registry. Each file is known by its name, or by the annotation org.opencontainers.image.title. Prints the digest of the artifact.'
  static override usage = '[options] NAME FILE [FILE...]'
  static override examples = [
    'lichen artifact add registry.example.com/models:1 model.bin',
    'lichen artifact add --append registry.example.com/models:1 README.md',
  ]
  static override flags = {
    annotation: list('Say KEY=VALUE of each file', parseAnnotation),
    append: toggle('Add to the artifact of that name', { char: 'a', exclusive: ['type', 'replace'] }),
    'file-type': value('Media type of each file instead of what its first bytes say', asText),
    replace: toggle('Replace the artifact of that name if there is one'),
    type: value('Media type of the artifact', asText),
  }
  static override group = 'Images' as const
  static override arity = { min: 2, max: Infinity, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ArtifactAdd)
    const { addArtifact } = await import('../../engine/artifact-add.js')
    const [name = '', ...files] = argv as string[]
    const digest = await addArtifact(await this.openEngine(), {
      name,
      files,
      annotations: Object.fromEntries(flags.annotation),
      mode: flags.append ? 'append' : flags.replace ? 'replace' : 'new',
      ...onlySaid({ type: flags.type, fileType: flags['file-type'] }),
    })
    writeOut(`${digest.slice('sha256:'.length)}\n`)
  }
}
