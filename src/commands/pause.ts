// lichen pause

import { forEachTarget } from '../cli/each.js'
import { toggle } from '../cli/flags.js'
import { cidfileFlag, filterFlag, latestFlag } from '../cli/target-flags.js'
import { BaseCommand } from './base-command.js'

export default class Pause extends BaseCommand {
  static override summary = 'Stop the processes of containers where they are'
  static override description =
    'Freezes every process of running containers until `lichen unpause`. Needs a control group of their own: as root, or a delegated one.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen pause web', 'lichen pause --all']
  static override aliases = ['container:pause']
  static override flags = {
    all: toggle('Every running container', { char: 'a' }),
    ...cidfileFlag,
    ...filterFlag(),
    ...latestFlag,
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Pause)
    const { pauseContainer } = await import('../engine/pause.js')
    const engine = await this.openEngine()
    const among = ({ status }: { status: string }): boolean => status === 'running'
    const targets = await this.targets(engine, argv as string[], { ...flags, among })
    return forEachTarget(targets, this.errorContext, (id) => pauseContainer(engine, id))
  }
}
