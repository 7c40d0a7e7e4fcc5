// lichen unshare

import { BaseCommand } from './base-command.js'

export default class Unshare extends BaseCommand {
  static override summary = "Run a command in the containers' user namespace"
  static override description =
    'Runs a command (this shell, if none is given) as root of the user namespace that containers run in, with a mount namespace of its own:\nthere the files of images and containers have the owners they have inside.'
  static override usage = '[options] [COMMAND [ARG...]]'
  static override examples = [
    'lichen unshare id',
    'lichen unshare cat /proc/self/uid_map',
    'lichen unshare chown -R 0:0 ./data',
  ]
  static override group = 'System' as const
  static override arity = { min: 0, max: Infinity, of: 'argument' }
  static override interspersed = false

  override async run(): Promise<number> {
    const { argv } = await this.parse(Unshare)
    const { unshare } = await import('../engine/unshare.js')
    return unshare(await this.openEngine(), argv as string[])
  }
}
