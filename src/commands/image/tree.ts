// lichen image tree

import { toggle } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class ImageTree extends BaseCommand {
  static override summary = "Draw an image's layers"
  static override description =
    'Draws the layers of an image from the lowest up, and says which local images end with each; with --whatrequires what is built upon the image.'
  static override usage = '[options] IMAGE'
  static override examples = ['lichen image tree web', 'lichen image tree --whatrequires alpine']
  static override flags = { whatrequires: toggle('Draw the layers that other images have upon this one') }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 1, of: 'image' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageTree)
    const { readImageTree } = await import('../../engine/image-tree.js')
    const { imageTreeText } = await import('../../cli/views/image-tree.js')
    writeOut(imageTreeText(readImageTree(await this.openEngine(), argv[0] as string, flags.whatrequires)))
  }
}
