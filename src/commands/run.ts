// lichen run

import { runFlags } from '../cli/create-flags.js'
import { writeOut } from '../cli/output.js'
import { toRunRequest } from '../cli/run-request.js'
import { BaseCommand } from './base-command.js'

export default class Run extends BaseCommand {
  static override summary = 'Run a command in a new container'
  static override description =
    "Makes a container from an image, starts it, and stays in front of it until it ends (or, with --detach, returns at once).\nThe exit code is the container's; 125 means lichen failed, 126 that the command cannot be executed, 127 that it does not exist."
  static override usage = '[options] IMAGE [COMMAND [ARG...]]'
  static override examples = [
    'lichen run --rm -it debian bash',
    'lichen run --rm -v "$PWD:/src" -w /src alpine ls -l',
    'lichen run -d --name web --network host nginx',
  ]
  static override aliases = ['container:run']
  static override flags = runFlags
  static override group = 'Containers' as const
  static override arity = { min: 1, max: Infinity, of: 'argument' }
  static override interspersed = false

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Run)
    const { runContainer } = await import('../engine/run.js')
    const request = { ...toRunRequest(flags, argv as string[]), commandLine: this.commandLine }
    const engine = await this.openEngine({ showProgress: !flags.quiet })
    if (request.detach) {
      writeOut(`${(await runContainer(engine, request)).id}\n`)
      return 0
    }
    const { withTerminal } = await import('../engine/terminal.js')
    const options = { stdin: request.interactive, tty: request.tty, signals: request.sigProxy && !request.tty }
    return await withTerminal(options, async (openIo) => (await runContainer(engine, request, openIo)).exitCode ?? 0)
  }
}
