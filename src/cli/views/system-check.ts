// What `system check` prints: a line for each finding, and one at its end.

import type { CheckSummary, Finding } from '../../model/finding.js'

export function findingText({ object, problem, repair, obstacle }: Finding): string {
  const outcome =
    repair !== undefined ? `: repaired: ${repair}` : obstacle !== undefined ? `: not repaired: ${obstacle}` : ''
  return `${escapeControls(`${object}: ${problem}${outcome}`)}\n`
}

export function summaryText(summary: CheckSummary, { repair }: { readonly repair: boolean }): string {
  const { findings, repaired, unverifiedLayers } = summary
  const looked = [
    countOf(summary.images, 'image'),
    countOf(summary.blobs, 'blob'),
    countOf(summary.layers, 'layer'),
    countOf(summary.containers, 'container'),
    countOf(summary.volumes, 'volume'),
  ].join(', ')
  const found = findings === 0 ? 'No problems found' : `${countOf(findings, 'problem')} found, ${repaired} repaired`
  const unverified = unverifiedLayers === 0 ? '' : `; ${countOf(unverifiedLayers, 'layer')} could not be compared`
  const hint = findings > 0 && !repair ? '; `lichen system check --repair` mends what can be mended' : ''
  return `${found} in ${looked}${unverified}${hint}\n`
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Names of files are an image's to choose, and must not drive the terminal. */
function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (it) => `\\x${it.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
