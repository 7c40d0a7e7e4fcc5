// lichen create

import { createFlags } from '../cli/create-flags.js'
import { refused } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { toCreateRequest } from '../cli/run-request.js'
import { BaseCommand } from './base-command.js'

export default class Create extends BaseCommand {
  static override summary = 'Make a container without starting it'
  static override description = 'Makes a container from an image and prints its ID. `lichen start` starts it.'
  static override usage = '[options] IMAGE [COMMAND [ARG...]]'
  static override examples = ['lichen create --name db -v data:/var/lib/postgresql postgres', 'lichen start db']
  static override aliases = ['container:create']
  static override flags = {
    ...createFlags,
    attach: refused('it is said at the start: `lichen run --attach`, `lichen start --attach`', { char: 'a' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 1, max: Infinity, of: 'argument' }
  static override interspersed = false

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Create)
    const { createContainer } = await import('../engine/create.js')
    const record = await createContainer(
      await this.openEngine({ showProgress: !flags.quiet }),
      { ...toCreateRequest(flags, argv as string[]), commandLine: this.commandLine },
      {
        durable: true,
      },
    )
    writeOut(`${record.id}\n`)
  }
}
