// lichen unpause

import { forEachTarget } from '../cli/each.js'
import { toggle } from '../cli/flags.js'
import { cidfileFlag, filterFlag, latestFlag } from '../cli/target-flags.js'
import { BaseCommand } from './base-command.js'

export default class Unpause extends BaseCommand {
  static override summary = 'Let the processes of paused containers go on'
  static override description = 'Ends what `lichen pause` began.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen unpause web', 'lichen unpause --all']
  static override aliases = ['container:unpause']
  static override flags = {
    all: toggle('Every paused container', { char: 'a' }),
    ...cidfileFlag,
    ...filterFlag(),
    ...latestFlag,
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Unpause)
    const { unpauseContainer } = await import('../engine/pause.js')
    const engine = await this.openEngine()
    const among = ({ status }: { status: string }): boolean => status === 'paused'
    const targets = await this.targets(engine, argv as string[], { ...flags, among })
    return forEachTarget(targets, this.errorContext, (id) => unpauseContainer(engine, id))
  }
}
