// lichen logout

import { asText, toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { writeOut } from '../cli/output.js'
import { UsageError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

export default class Logout extends BaseCommand {
  static override summary = 'Log out of a registry'
  static override description =
    'Removes the credentials that `login` keeps for a registry (docker.io, if none is named), from its file or the credential helper.'
  static override usage = '[options] [REGISTRY]'
  static override examples = ['lichen logout quay.io', 'lichen logout --all']
  static override flags = {
    all: toggle('Of every registry', { char: 'a' }),
    authfile: value('File with the credentials of registries', asText),
    'compat-auth-file': value("File in docker's format to change instead", asText, { exclusive: ['authfile'] }),
  }
  static override group = 'Images' as const
  static override arity = { min: 0, max: 1, of: 'registry' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logout)
    if (flags.all && argv.length > 0) throw new UsageError('when using --all, no registry may be named')
    const { logout, logoutEverywhere } = await import('../engine/logout.js')
    const engine = await this.openEngine()
    const files = onlySaid({ authfile: flags.authfile, compatAuthFile: flags['compat-auth-file'] })
    if (flags.all) {
      await logoutEverywhere(engine, files)
      writeOut('Removed login credentials for all registries\n')
      return
    }
    const registry = await logout(engine, { ...files, ...onlySaid({ registry: argv[0] as string | undefined }) })
    writeOut(`Removed login credentials for ${registry}\n`)
  }
}
