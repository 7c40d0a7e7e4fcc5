// lichen attach

import { attachFlags } from '../cli/attach-flags.js'
import { toggle } from '../cli/flags.js'
import { latestFlag } from '../cli/target-flags.js'
import { BaseCommand } from './base-command.js'

export default class Attach extends BaseCommand {
  static override summary = 'Attach to a running container'
  static override description =
    'Shows the output of a running container and passes input and signals on to it, until it ends or the detach keys are typed.'
  static override usage = '[options] CONTAINER'
  static override examples = ['lichen attach shell', 'lichen attach --no-stdin web']
  static override aliases = ['container:attach']
  static override flags = { ...attachFlags, ...latestFlag, 'no-stdin': toggle('Do not pass standard input on') }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: 1, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Attach)
    const { attachContainer } = await import('../engine/attach.js')
    const engine = await this.openEngine()
    const id = await this.target(engine, argv as string[], flags.latest)
    const options = { stdin: !flags['no-stdin'], detachKeys: flags['detach-keys'], sigProxy: flags['sig-proxy'] }
    const { attachFromTerminal } = await import('../engine/terminal.js')
    return await attachFromTerminal(engine, id, options, attachContainer)
  }
}
