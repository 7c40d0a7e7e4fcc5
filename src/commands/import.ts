// lichen import

import { asText, list, toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { writeOut } from '../cli/output.js'
import { mergeChanges, parseChange } from '../cli/values/change.js'
import { parseSize } from '../cli/values/size.js'
import { BaseCommand } from './base-command.js'

export default class Import extends BaseCommand {
  static override summary = 'Make an image from a root file system'
  static override description =
    'Makes an image with one layer from a tar archive (plain or compressed with gzip): a file, an http(s) URL, or - for standard input.'
  static override usage = '[options] FILE|URL|- [NAME]'
  static override examples = [
    'lichen import rootfs.tar.gz my/debian',
    'mmdebstrap --variant=minbase bookworm - | lichen import --change CMD=/bin/bash - my/debian',
  ]
  static override aliases = ['image:import']
  static override flags = {
    arch: value('Architecture of the programs in it', asText, { defaultHelp: "this machine's" }),
    change: list(
      "Set the image's CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME or WORKDIR, as in a Dockerfile",
      parseChange,
      { char: 'c' },
    ),
    'max-unpacked-size': value('Refuse an archive that holds more than this', parseSize, { type: 'size' }),
    message: value("Comment in the image's history", asText, { char: 'm' }),
    os: value('Operating system of the programs in it', asText, { defaultHelp: 'linux' }),
    quiet: toggle('Print no warnings', { char: 'q' }),
    variant: value('Variant of the architecture', asText),
  }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Import)
    const { importImage } = await import('../engine/import.js')
    const [source = '', name] = argv as string[]
    const request = {
      source,
      config: mergeChanges(flags.change),
      ...onlySaid({ name, message: flags.message, maxUnpackedBytes: flags['max-unpacked-size'] }),
      ...onlySaid({ os: flags.os, arch: flags.arch, variant: flags.variant }),
    }
    const { id, warnings } = await importImage(await this.openEngine(), request)
    if (!flags.quiet) this.showWarnings(warnings)
    writeOut(`sha256:${id}\n`)
  }
}
