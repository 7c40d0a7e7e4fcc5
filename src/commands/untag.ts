// lichen untag

import { BaseCommand } from './base-command.js'

export default class Untag extends BaseCommand {
  static override summary = 'Take names from an image'
  static override description =
    'Takes the given names from a local image, or without any all that it has. The image itself stays, as <none>, until it is removed.'
  static override usage = 'IMAGE [NAME...]'
  static override examples = ['lichen untag 0e3bbc2', 'lichen untag my/base my/base:1']
  static override aliases = ['image:untag']
  static override group = 'Images' as const
  static override arity = { min: 1, max: Infinity, of: 'argument' }

  override async run(): Promise<void> {
    const { argv } = await this.parse(Untag)
    const { untagImage } = await import('../engine/tag.js')
    const [image = '', ...names] = argv as string[]
    await untagImage(await this.openEngine(), image, names)
  }
}
