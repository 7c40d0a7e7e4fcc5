// Man pages (man(7) macros) from the commands' declarations: lichen(1) and one page per command, in section order of man-pages(7).

const GROUP_ORDER = ['Containers', 'Images', 'System']

/** Roff reads backslashes, and dots and quotes at a line's beginning. */
const escapeRoff = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&')
const bold = (text) => `\\fB${escapeRoff(text)}\\fR`
const italic = (text) => `\\fI${escapeRoff(text)}\\fR`
const pageName = (id) => `lichen-${id.replaceAll(':', '-')}`

/** [path below dist/, content] of every page. */
export function manPages(cli) {
  const pages = Object.values(cli.commands).map((command) => [`${pageName(command.id)}.1`, commandPage(cli, command)])
  return [['lichen.1', programPage(cli)], ...pages].map(([name, lines]) => [
    `man/man1/${name}`,
    `${lines.join('\n')}\n`,
  ])
}

const header = (cli, title) => [
  '.\\" Made from the commands\' declarations by scripts/build.',
  `.TH ${title.toUpperCase()} 1 "" "lichen ${cli.version}" "lichen manual"`,
  '.nh',
]

function commandPage(cli, { id, summary, description, usage, examples, flags, aliases }) {
  const typed = `lichen ${id.replaceAll(':', ' ')}`
  const also = aliases.map((alias) => bold(`lichen ${alias.replaceAll(':', ' ')}`))
  return [
    ...header(cli, pageName(id)),
    '.SH NAME',
    `${pageName(id).replaceAll('-', '\\-')} \\- ${escapeRoff(summary)}`,
    '.SH SYNOPSIS',
    `${bold(typed)} ${italic(usage ?? '')}`,
    ...(also.length === 0 ? [] : ['.PP', `Also: ${also.join(', ')}.`]),
    '.SH DESCRIPTION',
    ...escapeRoff(description)
      .split('\n')
      .flatMap((line) => [line, '.br'])
      .slice(0, -1),
    ...(Object.keys(flags).length === 0 ? [] : ['.SH OPTIONS', ...optionLines(flags)]),
    '.PP',
    'The global options of',
    '.BR lichen (1)',
    'are understood, too.',
    ...(examples.length === 0 ? [] : ['.SH EXAMPLES', '.nf', ...examples.map(escapeRoff), '.fi']),
    '.SH SEE ALSO',
    '.BR lichen (1)',
  ]
}

function programPage(cli) {
  const commands = Object.values(cli.commands)
  const inGroup = (group) => commands.filter((command) => command.group === group)
  return [
    ...header(cli, 'lichen'),
    '.SH NAME',
    'lichen \\- run containers without root and without a daemon',
    '.SH SYNOPSIS',
    `${bold('lichen')} ${italic('[options] COMMAND [ARG...]')}`,
    '.SH DESCRIPTION',
    'Runs OCI containers as an ordinary user. Commands, options, output and exit codes are those of podman and docker.',
    ...GROUP_ORDER.flatMap((group) => [
      `.SS ${group}`,
      ...inGroup(group).flatMap(({ id, summary }) => [
        '.TP',
        `.BR ${pageName(id).replaceAll('-', '\\-')} (1)`,
        escapeRoff(summary),
      ]),
    ]),
    '.SH OPTIONS',
    ...optionLines({ ...cli.globalFlags, version: cli.versionFlag }),
    '.SH EXIT STATUS',
    ...[
      ['125', 'lichen itself failed'],
      ['126', "the container's command cannot be executed"],
      ['127', "the container's command does not exist"],
      ['128+n', 'the container was killed by signal n'],
    ].flatMap(([code, text]) => ['.TP', bold(code), escapeRoff(text)]),
    "Otherwise the container's own exit status.",
    '.SH ENVIRONMENT',
    ...['.TP', bold('LICHEN_DEBUG'), 'With the value 1, errors show where they come from.'],
    ...[
      '.TP',
      bold('XDG_DATA_HOME, XDG_RUNTIME_DIR, XDG_CACHE_HOME'),
      "Where images, containers, sockets and lichen's compiled code lie.",
    ],
  ]
}

function optionLines(flags) {
  return Object.entries(flags)
    .filter(([, flag]) => !flag.hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { char, type, helpValue, description = '' }]) => {
      const letter = char === undefined ? '' : `${bold(`-${char}`)}, `
      const value = type === 'boolean' ? '' : ` ${italic(helpValue ?? 'string')}`
      return ['.TP', `${letter}${bold(`--${name}`)}${value}`, escapeRoff(description)]
    })
}
