// What `version` prints.

import { isJson, unescapeFormat } from '../format.js'
import { compileTemplate } from '../go-template/template.js'
import { toJson } from '../go-template/values.js'
import { writeOut } from '../output.js'
import { alignTabs } from '../table.js'
import { lichenVersion } from '../version.js'

/** Go's names, which podman's OsArch uses. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm: 'arm', arm64: 'arm64', ia32: '386' }

export function showVersion(format: string | undefined): void {
  const arch = ARCHITECTURES[process.arch] ?? process.arch
  const client = { Version: lichenVersion, NodeVersion: process.version, OsArch: `linux/${arch}`, Os: 'linux' }
  if (isJson(format)) writeOut(`${toJson({ Client: client })}\n`)
  else if (format !== undefined) writeOut(`${compileTemplate('version', unescapeFormat(format))({ Client: client })}\n`)
  else {
    const rows = [
      ['Client:', 'lichen'],
      ['Version:', client.Version],
      ['Node Version:', client.NodeVersion],
      ['OS/Arch:', client.OsArch],
    ]
    writeOut(alignTabs(rows.map((row) => `${row.join('\t')}\n`).join('')))
  }
}
