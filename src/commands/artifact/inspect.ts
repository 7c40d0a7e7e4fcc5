// lichen artifact inspect

import { asText, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class ArtifactInspect extends BaseCommand {
  static override summary = 'Show everything about an artifact'
  static override description = 'Prints an artifact, by name or digest, as JSON, or what a template makes of it.'
  static override usage = '[options] ARTIFACT'
  static override examples = ["lichen artifact inspect --format '{{.Digest}}' registry.example.com/models:1"]
  static override flags = { format: value('"json" or a Go template', asText, { char: 'f', default: 'json' }) }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 1, of: 'artifact' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ArtifactInspect)
    const { inspectArtifact } = await import('../../engine/artifacts.js')
    const { artifactText } = await import('../../cli/views/artifacts.js')
    writeOut(artifactText(inspectArtifact(await this.openEngine(), argv[0] as string), flags.format))
  }
}
