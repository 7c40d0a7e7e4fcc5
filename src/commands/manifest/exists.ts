// lichen manifest exists

import { BaseCommand } from '../base-command.js'

export default class ManifestExists extends BaseCommand {
  static override summary = 'Say by the exit code whether a list exists'
  static override description =
    'Exits with 0 when there is a list, with 1 when there is none, with 125 when it is an image. Prints nothing but that.'
  static override usage = 'LIST'
  static override examples = ['lichen manifest exists NAME && echo there']
  static override group = 'Images' as const
  static override arity = { min: 1, max: 1, of: 'list' }

  override async run(): Promise<number> {
    const { argv } = await this.parse(ManifestExists)
    const { manifestListExists } = await import('../../engine/manifest-find.js')
    return manifestListExists(await this.openEngine(), argv[0] as string) ? 0 : 1
  }
}
