// lichen volume unmount

import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class VolumeUnmount extends BaseCommand {
  static override summary = 'The end of what `volume mount` began'
  static override description =
    'Prints the name. `volume mount` mounts nothing, so there is nothing to undo: it is here for scripts that are written in pairs.'
  static override usage = 'VOLUME'
  static override examples = ['lichen volume unmount data']
  static override aliases = ['volume:umount']
  static override group = 'Containers' as const
  static override arity = { min: 1, max: 1, of: 'volume' }

  override async run(): Promise<void> {
    const { argv } = await this.parse(VolumeUnmount)
    const { locateVolume } = await import('../../engine/volumes.js')
    writeOut(`${locateVolume(await this.openEngine(), argv[0] as string, 'unmount').name}\n`)
  }
}
