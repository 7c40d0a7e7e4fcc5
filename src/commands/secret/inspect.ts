// lichen secret inspect

import { forEachName } from '../../cli/each.js'
import { asText, toggle, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class SecretInspect extends BaseCommand {
  static override summary = 'Show everything about one or more secrets'
  static override description =
    'Prints a JSON list with one object for each secret, or what a template makes of each. The data itself is shown with --showsecret only.'
  static override usage = '[options] SECRET [SECRET...]'
  static override examples = ['lichen secret inspect password', 'lichen secret inspect --pretty password']
  static override flags = {
    format: value('"json" or a Go template', asText, { char: 'f', default: 'json' }),
    pretty: toggle('Lines for people'),
    showsecret: toggle('The data, too'),
  }
  static override group = 'Containers' as const
  static override arity = { min: 1, max: Infinity, of: 'secret' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(SecretInspect)
    const { describeSecret } = await import('../../engine/secrets.js')
    const { prettySecret, secretFields } = await import('../../cli/views/secrets.js')
    const engine = await this.openEngine()
    const inspect = async (name: string) => describeSecret(engine, name, { withData: flags.showsecret })
    const context = this.errorContext
    if (flags.pretty) {
      const show = async (name: string) => writeOut(prettySecret(await inspect(name)))
      return forEachName(argv as string[], { ...context, quiet: true }, show)
    }
    const { showInspected } = await import('../../cli/views/inspect.js')
    const toFields = (secret: object) => secretFields(secret as ReturnType<typeof describeSecret>)
    return showInspected(argv as string[], { format: flags.format, context, inspect, toFields, indent: 4 })
  }
}
