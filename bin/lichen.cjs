#!/usr/bin/env node
'use strict'
// Starts dist/lichen.cjs from V8's code cache: parsing the bundle would double the time of a short command.
// The cache is code, so it lies where only its reader's owner can write: beside the bundle, else in the user's own cache directory.

const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')

const dist = path.join(path.dirname(fs.realpathSync.native(__filename)), '../dist')
const file = path.join(dist, 'lichen.cjs')
const source = readBundle()
const { mtimeMs, size } = fs.statSync(file)
// V8 itself compares only the source's length, its own version and its flags.
const name = `lichen-${process.version}-${process.arch}-${size}-${Math.trunc(mtimeMs)}.cache`
const uid = process.getuid()

function readBundle() {
  try {
    return fs.readFileSync(file, 'latin1')
  } catch (error) {
    fs.writeSync(2, `Error: start lichen: ${file}: ${error.code}\nHint: npm run build makes it\n`)
    process.exit(125)
  }
}

/** Beside the bundle, as whoever can write there; each other user has a cache of their own. */
function candidates() {
  const home = process.env.XDG_CACHE_HOME || path.join(process.env.HOME || require('node:os').homedir(), '.cache')
  return path.isAbsolute(home) ? [dist, path.join(home, 'lichen')] : [dist]
}

/** Nobody but root, the bundle's owner or this user may be able to change what is run. */
function isTrusted(stat, owners) {
  return owners.includes(stat.uid) && (stat.mode & 0o022) === 0
}

function readCache(dir) {
  try {
    const fd = fs.openSync(path.join(dir, name), fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
    try {
      return isTrusted(fs.fstatSync(fd), [0, uid]) ? fs.readFileSync(fd) : undefined
    } finally {
      fs.closeSync(fd)
    }
  } catch {
    return undefined // no cache is the normal case of a first start, and never an error
  }
}

function writeCache(data) {
  for (const dir of candidates()) {
    try {
      fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
      if (!isTrusted(fs.statSync(dir), [0, uid])) continue
      const fresh = path.join(dir, `.${name}.${process.pid}`)
      fs.writeFileSync(fresh, data, { flag: 'wx', mode: dir === dist ? 0o644 : 0o600 })
      fs.renameSync(fresh, path.join(dir, name))
      removeOld(dir)
      return
    } catch {
      // not writable, or no space: the next place, or none
    }
  }
}

function removeOld(dir) {
  for (const other of fs.readdirSync(dir))
    if (/^lichen-v.*\.cache$/.test(other) && other !== name && other.includes(`-${process.arch}-`))
      fs.rmSync(path.join(dir, other), { force: true })
}

let cachedData
for (const dir of candidates()) cachedData ??= readCache(dir)

const wrapper = `(function (exports, require, module, __filename, __dirname) {${source}\n})`
const script = new vm.Script(wrapper, { cachedData, filename: file })
if (cachedData === undefined || script.cachedDataRejected) {
  // At the end, so that the functions this run used are in the cache, too.
  process.on('exit', () => writeCache(script.createCachedData()))
}
// Builtins, and libraries beside the bundle; createRequire would cost a third of a millisecond.
const requireBeside = (id) => require(id.startsWith('./') ? path.join(dist, id) : id)
script.runInThisContext()({}, requireBeside, { exports: {} }, file, dist)
