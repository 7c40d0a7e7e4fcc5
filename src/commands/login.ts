// lichen login

import { asText, toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { writeOut } from '../cli/output.js'
import { connectionFlags, toRegistryOptions } from '../cli/registry-flags.js'
import { BaseCommand } from './base-command.js'

export default class Login extends BaseCommand {
  static override summary = 'Log in to a registry'
  static override description =
    'Asks for user and password, tries them at the registry (docker.io, if none is named), and keeps them for pull, push and search.\nThey are written to the file that podman uses, or given to the credential helper that is configured there.'
  static override usage = '[options] [REGISTRY]'
  static override examples = [
    'lichen login',
    'lichen login --username me --password-stdin registry.example:5000 < token',
    'lichen login --get-login quay.io',
  ]
  static override flags = {
    ...connectionFlags,
    'compat-auth-file': value("File in docker's format to write instead", asText, { exclusive: ['authfile'] }),
    'get-login': toggle('Print as whom we are logged in'),
    password: value('Password; others on this host can see it: better use --password-stdin', asText, {
      char: 'p',
      secret: true,
    }),
    'password-stdin': toggle('Read the password from standard input', { exclusive: ['password'] }),
    username: value('User name', asText, { char: 'u' }),
    verbose: toggle('Say where the credentials are kept', { char: 'v' }),
  }
  static override group = 'Images' as const
  static override arity = { min: 0, max: 1, of: 'registry' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Login)
    const { findLogin, login } = await import('../engine/login.js')
    const engine = await this.openEngine()
    const place = onlySaid({
      registry: argv[0] as string | undefined,
      authfile: flags.authfile,
      compatAuthFile: flags['compat-auth-file'],
    })
    if (flags['get-login']) {
      writeOut(`${await findLogin(engine, place)}\n`)
      return
    }
    const { registry, keptIn } = await login(engine, {
      ...place,
      ...onlySaid({ username: flags.username, password: flags.password }),
      passwordFromStdin: flags['password-stdin'],
      options: toRegistryOptions(flags),
      onNote: (text) => void writeOut(`${text}\n`),
    })
    if (keptIn === undefined) {
      writeOut(`Existing credentials are valid. Already logged in to ${registry}\n`)
      return
    }
    if (flags.verbose) writeOut(`Used:  ${keptIn}\n`)
    writeOut('Login Succeeded!\n')
  }
}
