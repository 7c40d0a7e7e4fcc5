// lichen restart

import { forEachTarget } from '../cli/each.js'
import { toggle } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { cidfileFlag, filterFlag, graceFlag, latestFlag, stopSignalFlag } from '../cli/target-flags.js'
import { isUp } from '../model/status.js'
import { BaseCommand } from './base-command.js'

/** Each may take its whole grace time. */
const PARALLEL_RESTARTS = 8

export default class Restart extends BaseCommand {
  static override summary = 'Restart one or more containers'
  static override description =
    'Stops containers, as `stop` does, and starts them again. One that does not run is just started.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen restart web', 'lichen restart --time 2 --running']
  static override aliases = ['container:restart']
  static override flags = {
    all: toggle('Every container, whether it runs or not', { char: 'a' }),
    ...cidfileFlag,
    ...filterFlag(),
    ...latestFlag,
    running: toggle('Only those that run'),
    ...stopSignalFlag,
    ...graceFlag,
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Restart)
    const { restartContainer } = await import('../engine/restart.js')
    const engine = await this.openEngine()
    const names = argv as string[]
    const isNamed = names.length > 0 || flags.latest || flags.cidfile.length > 0
    const all = flags.all || (flags.running && !isNamed && flags.filter.length === 0)
    const targets = await this.targets(engine, names, {
      ...flags,
      all,
      among: ({ status }) => !flags.running || isUp(status),
    })
    const options = { onlyRunning: flags.running, ...onlySaid({ timeoutS: flags.time, signal: flags.signal }) }
    const context = { ...this.errorContext, atOnce: PARALLEL_RESTARTS }
    return forEachTarget(targets, context, (id) => restartContainer(engine, id, options))
  }
}
