// lichen exec

import { execFlags } from '../cli/create-flags.js'
import { toExecRequest } from '../cli/run-request.js'
import { BaseCommand } from './base-command.js'

export default class Exec extends BaseCommand {
  static override summary = 'Run a command in a running container'
  static override description =
    "The exit code is the command's; 125 means lichen failed, 126 that the command cannot be executed, 127 that it does not exist."
  static override usage = '[options] CONTAINER COMMAND [ARG...]'
  static override examples = ['lichen exec -it web sh', 'lichen exec -u postgres db psql -l']
  static override aliases = ['container:exec']
  static override flags = execFlags
  static override group = 'Containers' as const
  static override arity = { min: 2, max: Infinity, of: 'argument' }
  static override interspersed = false

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Exec)
    const { execInContainer } = await import('../engine/exec.js')
    return execInContainer(await this.openEngine(), toExecRequest(flags, argv as string[]))
  }
}
