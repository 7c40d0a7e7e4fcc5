// lichen mount

import { forEachTarget } from '../cli/each.js'
import { asText, toggle, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { latestFlag } from '../cli/target-flags.js'
import { BaseCommand } from './base-command.js'

export default class Mount extends BaseCommand {
  static override summary = "Show containers' files at a path"
  static override description =
    'Mounts the root file systems of containers and prints where; without a container lists what is mounted. A container that does not run is\nmounted read-only. Not root? Then inside `lichen unshare` only, and the mounts end with it.'
  static override usage = '[options] [CONTAINER...]'
  static override examples = ['lichen unshare sh -c \'ls "$(lichen mount web)"\'', 'lichen mount --format json']
  static override aliases = ['container:mount']
  static override flags = {
    all: toggle('Every container', { char: 'a' }),
    format: value('"json"', asText),
    ...latestFlag,
    'no-trunc': toggle('Whole IDs'),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Mount)
    const { listMountedContainers, mountContainer } = await import('../engine/container-mount.js')
    const { checkMountFormat, mountedContainersText } = await import('../cli/views/container-mounts.js')
    checkMountFormat(flags.format)
    const engine = await this.openEngine()
    const names = argv as string[]
    if (names.length === 0 && !flags.all && !flags.latest) {
      writeOut(mountedContainersText(await listMountedContainers(engine), flags))
      return 0
    }
    const targets = await this.targets(engine, names, flags)
    const paths: string[] = []
    const code = await forEachTarget(targets, { ...this.errorContext, quiet: true }, async (id) => {
      paths.push(await mountContainer(engine, id))
    })
    writeOut(paths.map((path) => `${path}\n`).join(''))
    return code
  }
}
