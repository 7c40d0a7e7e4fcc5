// lichen kill

import { forEachTarget } from '../cli/each.js'
import { toggle, value } from '../cli/flags.js'
import { cidfileFlag, latestFlag } from '../cli/target-flags.js'
import { parseSignalName } from '../cli/values/names.js'
import { isUp } from '../model/status.js'
import { BaseCommand } from './base-command.js'

export default class Kill extends BaseCommand {
  static override summary = 'Send a signal to one or more containers'
  static override description = 'Sends a signal, SIGKILL unless said otherwise, to the first process of each container.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen kill web', 'lichen kill --signal HUP web']
  static override aliases = ['container:kill']
  static override flags = {
    all: toggle('Every running container', { char: 'a' }),
    ...cidfileFlag,
    ...latestFlag,
    signal: value('Signal by name or number', parseSignalName, { char: 's', type: 'signal', default: 'SIGKILL' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Kill)
    const { killContainer } = await import('../engine/kill.js')
    const engine = await this.openEngine()
    const targets = await this.targets(engine, argv as string[], { ...flags, among: ({ status }) => isUp(status) })
    return forEachTarget(targets, this.errorContext, (id) => killContainer(engine, id, flags.signal))
  }
}
