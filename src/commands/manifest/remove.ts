// lichen manifest remove

import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class ManifestRemove extends BaseCommand {
  static override summary = 'Take an image out of a list'
  static override description =
    'Takes one image out of a list, by its digest or the name it was added under. The image itself stays. Prints the ID of the list.'
  static override usage = 'LIST IMAGE'
  static override examples = ['lichen manifest remove app:1 sha256:DIGEST']
  static override group = 'Images' as const
  static override arity = { min: 2, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { argv } = await this.parse(ManifestRemove)
    const { removeFromList } = await import('../../engine/manifest-change.js')
    const [name = '', image = ''] = argv as string[]
    writeOut(`${await removeFromList(await this.openEngine(), name, image)}\n`)
  }
}
