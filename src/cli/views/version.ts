// What `version` prints.

import { isJson, unescapeFormat } from '../format.js'
import { compileTemplate } from '../go-template/template.js'
import { toJson } from '../go-template/values.js'
import { renderTable } from '../table.js'
import { lichenVersion } from '../version.js'

/** Go's names, which podman's OsArch uses. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm: 'arm', arm64: 'arm64', ia32: '386' }

export function versionText(format: string | undefined): string {
  const arch = ARCHITECTURES[process.arch] ?? process.arch
  const client = { Version: lichenVersion, NodeVersion: process.version, OsArch: `linux/${arch}`, Os: 'linux' }
  if (isJson(format)) return `${toJson({ Client: client })}\n`
  // what scripts ask of a server is answered by what would do its work: this program
  const facts = { Client: client, Server: client }
  if (format !== undefined) return `${compileTemplate('version', unescapeFormat(format))(facts)}\n`
  return renderTable([
    ['Client:', 'lichen'],
    ['Version:', client.Version],
    ['Node Version:', client.NodeVersion],
    ['OS/Arch:', client.OsArch],
  ])
}
