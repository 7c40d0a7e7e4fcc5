// lichen image diff

import { asText, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class ImageDiff extends BaseCommand {
  static override summary = 'Show what an image changed'
  static override description =
    'Shows the files that the topmost layer of an image adds (A), changes (C) and deletes (D); with a second image what the first one has\nmore, other or less than that.'
  static override usage = '[options] IMAGE [IMAGE]'
  static override examples = ['lichen image diff web', 'lichen image diff web:2 web:1']
  static override flags = { format: value('"json"', asText) }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 2, of: 'image' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageDiff)
    const { diffImages } = await import('../../engine/image-diff.js')
    const { fileChangesText } = await import('../../cli/views/file-changes.js')
    const [image = '', base] = argv as string[]
    writeOut(fileChangesText(await diffImages(await this.openEngine(), image, base), flags.format))
  }
}
