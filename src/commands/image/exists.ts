// lichen image exists

import { BaseCommand } from '../base-command.js'

export default class ImageExists extends BaseCommand {
  static override summary = 'Say by the exit code whether an image exists'
  static override description = 'Exits with 0 when there is an image, with 1 when there is none. Prints nothing.'
  static override usage = 'IMAGE'
  static override examples = ['lichen image exists NAME && echo there']
  static override group = 'Images' as const
  static override arity = { min: 1, max: 1, of: 'image' }

  override async run(): Promise<number> {
    const { argv } = await this.parse(ImageExists)
    const { imageExists } = await import('../../engine/exists.js')
    return (await imageExists(await this.openEngine(), argv[0] as string)) ? 0 : 1
  }
}
