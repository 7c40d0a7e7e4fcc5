// lichen tag

import { BaseCommand } from './base-command.js'

export default class Tag extends BaseCommand {
  static override summary = 'Give an image more names'
  static override description =
    'Gives a local image one or more names beside those it has; an image that had one of them loses it.\nA name without a registry is one of this host (localhost/), a name without a tag gets :latest.'
  static override usage = 'IMAGE NAME [NAME...]'
  static override examples = ['lichen tag alpine:3.20 my/base:1', 'lichen tag 0e3bbc2 registry.example.org/team/web:2']
  static override aliases = ['image:tag']
  static override group = 'Images' as const
  static override arity = { min: 2, max: Infinity, of: 'argument' }

  override async run(): Promise<void> {
    const { argv } = await this.parse(Tag)
    const { tagImage } = await import('../engine/tag.js')
    const [image = '', ...names] = argv as string[]
    await tagImage(await this.openEngine(), image, names)
  }
}
