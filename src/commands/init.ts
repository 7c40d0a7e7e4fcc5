// lichen init

import { forEachTarget } from '../cli/each.js'
import { toggle } from '../cli/flags.js'
import { latestFlag } from '../cli/target-flags.js'
import { isLive } from '../model/status.js'
import { BaseCommand } from './base-command.js'

export default class Init extends BaseCommand {
  static override summary = 'Prepare one or more containers without starting them'
  static override description =
    'Mounts everything a container needs and creates it in the OCI runtime; `lichen start` then only lets it go.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen init web', 'lichen init --all']
  static override aliases = ['container:init']
  static override flags = {
    all: toggle('Every container that does not run', { char: 'a' }),
    ...latestFlag,
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Init)
    const { initContainer } = await import('../engine/init.js')
    const engine = await this.openEngine()
    const targets = await this.targets(engine, argv as string[], { ...flags, among: ({ status }) => !isLive(status) })
    return forEachTarget(targets, this.errorContext, (id) => initContainer(engine, id))
  }
}
