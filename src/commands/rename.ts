// lichen rename

import { BaseCommand } from './base-command.js'

export default class Rename extends BaseCommand {
  static override summary = 'Give a container another name'
  static override description = 'Renames a container, whether it runs or not. The name must not be in use.'
  static override usage = 'CONTAINER NAME'
  static override examples = ['lichen rename web web-old']
  static override aliases = ['container:rename']
  static override group = 'Containers' as const
  static override arity = { min: 2, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { argv } = await this.parse(Rename)
    const [container = '', name = ''] = argv as string[]
    const { renameContainer } = await import('../engine/rename.js')
    await renameContainer(await this.openEngine(), container, name)
  }
}
