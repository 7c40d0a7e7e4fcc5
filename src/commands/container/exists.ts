// lichen container exists

import { toggle } from '../../cli/flags.js'
import { BaseCommand } from '../base-command.js'

export default class ContainerExists extends BaseCommand {
  static override summary = 'Say by the exit code whether a container exists'
  static override description =
    'Exits with 0 when there is such a container, with 1 when there is none. Prints nothing.'
  static override usage = 'CONTAINER'
  static override examples = ['lichen container exists NAME && echo there']
  static override flags = {
    external: toggle('Containers of other programs in the same store, too: there never are any'),
  }
  static override group = 'Containers' as const
  static override arity = { min: 1, max: 1, of: 'container' }

  override async run(): Promise<number> {
    const { argv } = await this.parse(ContainerExists)
    const { containerExists } = await import('../../engine/exists.js')
    return (await containerExists(await this.openEngine(), argv[0] as string)) ? 0 : 1
  }
}
