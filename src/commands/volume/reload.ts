// lichen volume reload

import { BaseCommand } from '../base-command.js'

export default class VolumeReload extends BaseCommand {
  static override summary = 'Take note of the volumes of plugins'
  static override description =
    'Does nothing and prints nothing: volumes are read from disk by every command, and there are no volume plugins to ask.'
  static override usage = ''
  static override examples = ['lichen volume reload']
  static override group = 'Containers' as const

  override async run(): Promise<void> {
    await this.parse(VolumeReload)
    await this.openEngine()
  }
}
