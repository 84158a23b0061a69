import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

interface Tool {
  /** Debian's package. */
  readonly package: string
  /** Names it may have on the PATH, the likeliest first. */
  readonly names: readonly string[]
}

/** Programs that nobody here wrote and the tests try the server with. */
export const TOOLS = {
  ffmpeg: { package: 'ffmpeg', names: ['ffmpeg'] },
  ffprobe: { package: 'ffmpeg', names: ['ffprobe'] },
  chromium: { package: 'chromium', names: ['chromium', 'chromium-browser', 'google-chrome'] },
  nginx: { package: 'nginx', names: ['nginx'] },
  mosquitto: { package: 'mosquitto', names: ['mosquitto'] },
  sqlite3: { package: 'sqlite3', names: ['sqlite3'] },
  curl: { package: 'curl', names: ['curl'] },
  openssl: { package: 'openssl', names: ['openssl'] },
  faketime: { package: 'faketime', names: ['faketime'] },
  cc: { package: 'build-essential', names: ['cc'] },
} as const satisfies Readonly<Record<string, Tool>>

export type ToolName = keyof typeof TOOLS

export const ffmpeg = (): string => tool('ffmpeg')
export const ffprobe = (): string => tool('ffprobe')
export const chromium = (): string => tool('chromium')
export const nginx = (): string => tool('nginx')
export const mosquitto = (): string => tool('mosquitto')
export const sqlite3 = (): string => tool('sqlite3')
export const curl = (): string => tool('curl')
export const openssl = (): string => tool('openssl')
export const faketime = (): string => tool('faketime')
export const cc = (): string => tool('cc')

/** Where the program is; installed by apt if need and possible, else an error that says what to install. */
function tool(name: ToolName): string {
  ensureTools([name])
  return find(TOOLS[name]) as string
}

/**
 * Installs what is missing of these, as root on Debian and its kin. `npm test` does it once before the first test;
 * a lock makes tests that are run singly wait for one another. Throws one sentence when it cannot.
 */
export function ensureTools(names: readonly ToolName[]): void {
  const missing = () => [
    ...new Set(names.filter(name => !find(TOOLS[name])).map(name => TOOLS[name].package)),
  ]
  if (missing().length === 0) return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) install(missing())
  if (missing().length > 0) {
    const packages = missing().join(' ')
    throw new Error(
      `The tests need ${packages}: run "apt-get install ${packages}" as root, or put them on the PATH.`,
    )
  }
}

function find({ names }: Tool): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const LOCK = join(tmpdir(), 'camgate-test-tools.lock')

function install(packages: readonly string[]): void {
  const leaveServicesAlone = forbidServices()
  try {
    console.error(`Installing what the tests need: ${packages.join(', ')}`)
    apt('update')
    apt('install', '--yes', '--no-install-recommends', ...packages)
  } catch (error) {
    if (error instanceof Error && 'stderr' in error) console.error(String(error.stderr))
  } finally {
    leaveServicesAlone()
  }
}

function apt(...args: readonly string[]): void {
  const command = ['apt-get', '--quiet=2', '-o', 'DPkg::Lock::Timeout=600', ...args]
  execFileSync('flock', [LOCK, ...command], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  })
}

const POLICY = '/usr/sbin/policy-rc.d'

/** Debian starts a server that it installs; 101 tells it not to. Returns what takes that back. */
function forbidServices(): () => void {
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
    return () => rmSync(POLICY, { force: true })
  } catch {
    return () => {}
  }
}
