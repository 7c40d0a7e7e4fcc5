// lichen secret create

import { asText, list, toggle, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { parseLabel } from '../../cli/values/env.js'
import { parseDriverOption } from '../../cli/values/volume-option.js'
import { BaseCommand } from '../base-command.js'

export default class SecretCreate extends BaseCommand {
  static override summary = 'Keep a secret for containers'
  static override description =
    'Keeps what is in a file, comes from standard input (-) or with --env is in a variable, and prints an ID. `run --secret` gives it to containers. It lies unencrypted in a file that only you can read.'
  static override usage = '[options] NAME FILE|-'
  static override examples = [
    'lichen secret create password password.txt',
    'printf %s "$PASSWORD" | lichen secret create password -',
    'lichen secret create --env --replace password PASSWORD',
  ]
  static override flags = {
    driver: value('How it is kept: file', asText, { char: 'd', default: 'file' }),
    'driver-opts': list('Tell the driver: path=DIRECTORY to keep the data in', parseDriverOption, { commas: true }),
    env: toggle('The second word is the name of a variable'),
    ignore: toggle('A secret of that name is no error, and stays'),
    label: list('Set a label: NAME=VALUE', parseLabel, { char: 'l' }),
    replace: toggle('Replace a secret of that name', { exclusive: ['ignore'] }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 2, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(SecretCreate)
    const { addSecret } = await import('../../engine/secrets.js')
    const [name = '', source = ''] = argv as string[]
    const request = {
      name,
      source,
      driver: flags.driver,
      driverOptions: Object.fromEntries(flags['driver-opts']),
      labels: Object.fromEntries(flags.label),
      fromEnv: flags.env,
      replace: flags.replace,
      ignore: flags.ignore,
    }
    writeOut(`${addSecret(await this.openEngine(), request)}\n`)
  }
}
