// lichen volume mount

import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class VolumeMount extends BaseCommand {
  static override summary = "Print where a volume's files are"
  static override description =
    "Prints the directory that a volume's files lie in: nothing needs to be mounted for that. Not root? Inside `lichen unshare` the files have the owners that containers see."
  static override usage = 'VOLUME'
  static override examples = ['lichen unshare sh -c \'ls -l "$(lichen volume mount data)"\'']
  static override group = 'Containers' as const
  static override arity = { min: 1, max: 1, of: 'volume' }

  override async run(): Promise<void> {
    const { argv } = await this.parse(VolumeMount)
    const { locateVolume } = await import('../../engine/volumes.js')
    writeOut(`${locateVolume(await this.openEngine(), argv[0] as string, 'mount').path}\n`)
  }
}
