// lichen volume exists

import { BaseCommand } from '../base-command.js'

export default class VolumeExists extends BaseCommand {
  static override summary = 'Say by the exit code whether a volume exists'
  static override description =
    'Exits with 0 when there is a volume of exactly this name, with 1 when there is none. Prints nothing.'
  static override usage = 'VOLUME'
  static override examples = ['lichen volume exists NAME && echo there']
  static override group = 'Containers' as const
  static override arity = { min: 1, max: 1, of: 'volume' }

  override async run(): Promise<number> {
    const { argv } = await this.parse(VolumeExists)
    const { volumeExists } = await import('../../engine/volumes.js')
    return volumeExists(await this.openEngine(), argv[0] as string) ? 0 : 1
  }
}
