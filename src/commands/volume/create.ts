// lichen volume create

import { asText, asUint, list, toggle, value } from '../../cli/flags.js'
import { onlySaid } from '../../cli/only-said.js'
import { writeOut } from '../../cli/output.js'
import { parseLabel } from '../../cli/values/env.js'
import { parseDriverOption } from '../../cli/values/volume-option.js'
import { BaseCommand } from '../base-command.js'

export default class VolumeCreate extends BaseCommand {
  static override summary = 'Make a volume'
  static override description =
    "Makes a volume and prints its name, a random one unless NAME is said. With the driver local its files lie in the store, owned as uid= and gid= say, or with type= and device= they are a mount made in each container that uses it (a directory of the host with o=bind, a tmpfs of its own for each container); with the driver image they begin as a copy of an image's files, which stays when the image is removed."
  static override usage = '[options] [NAME]'
  static override examples = [
    'lichen volume create data',
    'lichen volume create --opt o=uid=1000,gid=1000 data',
    'lichen volume create --opt type=tmpfs --opt o=size=64m,nodev scratch',
    'lichen volume create --opt o=bind --opt device=/srv/data shared',
    'lichen volume create --driver image --opt image=debian root',
  ]
  static override flags = {
    driver: value('local or image', asText, { char: 'd', default: 'local' }),
    gid: value('Group that owns the volume', asUint, { type: 'uint', defaultHelp: '0' }),
    ignore: toggle('A volume that is there already is no error'),
    label: list('Set a label: NAME=VALUE', parseLabel, { char: 'l', commas: true }),
    opt: list('Tell the driver: type=, device=, o=; with the driver image: image=', parseDriverOption, { char: 'o' }),
    uid: value('User that owns the volume', asUint, { type: 'uint', defaultHelp: '0' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: 1, of: 'name' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(VolumeCreate)
    const { createVolume } = await import('../../engine/volume-create.js')
    const request = {
      driver: flags.driver,
      options: Object.fromEntries(flags.opt),
      labels: Object.fromEntries(flags.label),
      ignore: flags.ignore,
      ...onlySaid({ name: argv[0] as string | undefined, uid: flags.uid, gid: flags.gid }),
    }
    writeOut(`${await createVolume(await this.openEngine({ showProgress: true }), request)}\n`)
  }
}
