// lichen secret exists

import { BaseCommand } from '../base-command.js'

export default class SecretExists extends BaseCommand {
  static override summary = 'Say by the exit code whether a secret exists'
  static override description = 'Exits with 0 when there is such a secret, with 1 when there is none. Prints nothing.'
  static override usage = 'SECRET'
  static override examples = ['lichen secret exists NAME && echo there']
  static override group = 'Containers' as const
  static override arity = { min: 1, max: 1, of: 'secret' }

  override async run(): Promise<number> {
    const { argv } = await this.parse(SecretExists)
    const { secretExists } = await import('../../engine/secrets.js')
    return secretExists(await this.openEngine(), argv[0] as string) ? 0 : 1
  }
}
