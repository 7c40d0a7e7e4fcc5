// lichen volume export

import { asText, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class VolumeExport extends BaseCommand {
  static override summary = "Write a volume's files as a tar archive"
  static override description =
    'Writes what is in a volume to a file or to standard output, as an uncompressed tar archive with owners, modes, attributes and hard links. A volume in use can be exported, too: then the archive may show a moment in the middle of a change.'
  static override usage = '[options] VOLUME'
  static override examples = [
    'lichen volume export -o data.tar data',
    'lichen volume export data | ssh host lichen volume import data -',
  ]
  static override flags = {
    output: value('File to write; standard output unless said', asText, { char: 'o' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 1, max: 1, of: 'volume' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(VolumeExport)
    const { exportVolume } = await import('../../engine/volume-archive.js')
    this.showWarnings(await exportVolume(await this.openEngine(), argv[0] as string, flags.output ?? writeOut))
  }
}
