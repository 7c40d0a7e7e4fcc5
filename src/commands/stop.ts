// lichen stop

import { forEachTarget } from '../cli/each.js'
import { toggle } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { cidfileFlag, filterFlag, graceFlag, latestFlag, stopSignalFlag } from '../cli/target-flags.js'
import { isLive } from '../model/status.js'
import { BaseCommand } from './base-command.js'

/** Each may take its whole grace time. */
const PARALLEL_STOPS = 8

export default class Stop extends BaseCommand {
  static override summary = 'Stop one or more containers'
  static override description =
    "Sends the container's stop signal, and SIGKILL if it still runs after the time given. A container that does not run is no error."
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen stop web', 'lichen stop --time 2 db cache']
  static override aliases = ['container:stop']
  static override flags = {
    all: toggle('Every running container', { char: 'a' }),
    ...cidfileFlag,
    ...filterFlag(),
    ignore: toggle('A container that does not exist is no error', { char: 'i' }),
    ...latestFlag,
    ...stopSignalFlag,
    ...graceFlag,
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Stop)
    const { stopContainer } = await import('../engine/stop.js')
    const engine = await this.openEngine()
    const targets = await this.targets(engine, argv as string[], { ...flags, among: ({ status }) => isLive(status) })
    const options = onlySaid({ timeoutS: flags.time, signal: flags.signal })
    const context = { ...this.errorContext, ignoreMissing: flags.ignore, atOnce: PARALLEL_STOPS }
    return forEachTarget(targets, context, (id) => stopContainer(engine, id, options))
  }
}
