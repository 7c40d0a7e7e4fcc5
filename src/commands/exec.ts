// lichen exec

import { execFlags, toExecRequest } from '../cli/exec-flags.js'
import { writeOut } from '../cli/output.js'
import { UsageError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

export default class Exec extends BaseCommand {
  static override summary = 'Run a command in a running container'
  static override description =
    "The exit code is the command's; 125 means lichen failed, 126 that the command cannot be executed, 127 that it does not exist."
  static override usage = '[options] CONTAINER COMMAND [ARG...]'
  static override examples = ['lichen exec -it web sh', 'lichen exec -u postgres db psql -l', 'lichen exec -l env']
  static override aliases = ['container:exec']
  static override flags = execFlags
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'argument' }
  static override interspersed = false

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Exec)
    const isNamed = !flags.latest && flags.cidfile === undefined
    const command = (argv as string[]).slice(isNamed ? 1 : 0)
    if (isNamed && argv.length === 0)
      throw new UsageError('exec requires the name or ID of a container or the --latest flag')
    if (command.length === 0) throw new UsageError('must provide a non-empty command to start an exec session')
    const { execInContainer } = await import('../engine/exec.js')
    const engine = await this.openEngine()
    const cidfile = flags.cidfile === undefined ? [] : [flags.cidfile]
    const [target] = isNamed ? [] : await this.targets(engine, [], { latest: flags.latest, cidfile })
    const request = toExecRequest(flags, target?.id ?? (argv as string[])[0] ?? '', command)
    const { exitCode, sessionId } = await execInContainer(engine, request)
    if (sessionId !== undefined) writeOut(`${sessionId}\n`)
    return exitCode
  }
}
