// lichen update

import { lifecycleFlags } from '../cli/create-flags/lifecycle.js'
import { resourceFlags, toSaidResources } from '../cli/create-flags/limits.js'
import { onlySaid } from '../cli/only-said.js'
import { writeOut } from '../cli/output.js'
import { latestFlag } from '../cli/target-flags.js'
import { BaseCommand } from './base-command.js'

export default class Update extends BaseCommand {
  static override summary = "Change a container's limits"
  static override description =
    'Changes how much of the machine a container may use: at once if it runs, and for every later start.'
  static override usage = '[options] CONTAINER'
  static override examples = ['lichen update --memory 1g --cpus 2 db', 'lichen update --restart no web']
  static override aliases = ['container:update']
  static override flags = { ...resourceFlags, ...latestFlag, restart: lifecycleFlags.restart }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: 1, of: 'container' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Update)
    const { updateContainer } = await import('../engine/update.js')
    const engine = await this.openEngine({ showProgress: true })
    const name = await this.target(engine, argv as string[], flags.latest)
    const request = { resources: toSaidResources(flags), ...onlySaid({ restart: flags.restart }) }
    writeOut(`${await updateContainer(engine, name, request)}\n`)
  }
}
