// lichen artifact ls

import { asText, toggle, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class ArtifactLs extends BaseCommand {
  static override summary = 'List artifacts'
  static override description = 'Lists the artifacts of the local store, by name.'
  static override usage = '[options]'
  static override examples = ['lichen artifact ls', "lichen artifact ls --format '{{.Digest}} {{.Size}}'"]
  static override hiddenAliases = ['artifact:list']
  static override flags = {
    format: value('"json", "table TEMPLATE" or a Go template', asText),
    'no-trunc': toggle('Show digests in full'),
    noheading: toggle('Leave the headings out', { char: 'n' }),
  }
  static override group = 'Images' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(ArtifactLs)
    const { listArtifacts } = await import('../../engine/artifacts.js')
    const { artifactsText } = await import('../../cli/views/artifacts.js')
    writeOut(artifactsText(listArtifacts(await this.openEngine()), flags))
  }
}
