// Tables as podman prints them: columns padded with spaces, no borders. Text with tabs in, aligned text out.

const MIN_WIDTH = 12
const PADDING = 2

/** podman's list look: every column but the last is at least 12 wide, two spaces included. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  return alignTabs(rows.map((row) => `${row.join('\t')}\n`).join(''))
}

/**
 * Aligns tab-separated cells as Go's text/tabwriter does (minwidth 12, padding 2): consecutive lines that have a cell
 * in a column share its width; a line's last cell is never padded.
 */
export function alignTabs(text: string, minWidth = MIN_WIDTH): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const widths = lines.map((cells) => new Array<number>(cells.length - 1).fill(0))
  for (let column = 0; widths.some((row) => column < row.length); column++) shareWidths(lines, widths, column, minWidth)
  return lines.map((cells, y) => cells.map((cell, x) => padded(cell, widths[y]?.[x])).join('')).join('\n')
}

function shareWidths(lines: readonly string[][], widths: number[][], column: number, minWidth: number): void {
  for (let from = 0; from < lines.length; from++) {
    let to = from
    let width = 0
    for (; column < (widths[to]?.length ?? 0); to++)
      width = Math.max(width, minWidth, displayWidth(lines[to]?.[column] ?? '') + PADDING)
    for (let y = from; y < to; y++) (widths[y] as number[])[column] = width
    from = Math.max(from, to)
  }
}

const padded = (cell: string, width: number | undefined): string =>
  width === undefined ? cell : cell + ' '.repeat(Math.max(0, width - displayWidth(cell)))

/** Code points, as tabwriter counts. */
function displayWidth(text: string): number {
  let width = 0
  for (const _ of text) width++
  return width
}
