import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '../errors.ts'
import { AddressSet } from '../network/address.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A setting that cannot be used: the start stops with this one line. */
export function badSetting(name: string, value: string, allowed: string): CodedError {
  return new CodedError('BAD_SETTING', `${name}=${JSON.stringify(value)} is not usable: ${allowed}`, 500)
}

/** Reads settings by name. An empty value counts as unset: compose files pass `NAME=` for what is not chosen. */
export class Settings {
  readonly #env: Environment
  readonly #known = new Set<string>()

  constructor(env: Environment) {
    this.#env = env
  }

  /** Every name that has been asked for. */
  get known(): ReadonlySet<string> {
    return this.#known
  }

  optional(name: string): string | undefined {
    this.#known.add(name)
    const value = this.#env[name]
    return value === undefined || value === '' ? undefined : value
  }

  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const value = this.optional(name)
    if (value === undefined) return fallback
    const number = Number(value)
    if (!/^-?\d+$/.test(value) || number < min || number > max)
      throw badSetting(name, value, `a whole number from ${min} to ${max}`)
    return number
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.optional(name)
    if (value === undefined) return fallback
    if (/^(1|true|yes|on)$/i.test(value)) return true
    if (/^(0|false|no|off)$/i.test(value)) return false
    throw badSetting(name, value, '1 or 0')
  }

  choice<const T extends string>(name: string, fallback: T, allowed: readonly T[]): T {
    const value = this.optional(name)
    if (value === undefined) return fallback
    const found = allowed.find(choice => choice === value)
    if (found === undefined) throw badSetting(name, value, `one of ${allowed.join(', ')}`)
    return found
  }

  list(name: string): string[] {
    return (this.optional(name) ?? '')
      .split(',')
      .map(item => item.trim())
      .filter(item => item !== '')
  }

  /** Addresses and networks, separated by commas: `172.18.0.5, 10.0.0.0/8`. */
  networks(name: string): AddressSet {
    const networks = AddressSet.of(this.list(name))
    if (!networks)
      throw badSetting(name, this.text(name, ''), 'addresses or networks such as 172.18.0.5 or 10.0.0.0/8')
    return networks
  }

  /** Origins of pages, separated by commas, as browsers write them; or `*`. */
  origins(name: string): string[] {
    return this.list(name).flatMap(item => originOf(item) ?? [])
  }

  /** What of a list of origins no browser would send. */
  noOrigins(name: string): string[] {
    return this.list(name).filter(item => originOf(item) === undefined)
  }

  /** A folder that holds `file`; `undefined` when not set. */
  folderWith(name: string, file: string): string | undefined {
    const value = this.optional(name)
    if (value === undefined || existsSync(join(value, file))) return value
    throw badSetting(name, value, `a folder with an ${file} in it`)
  }

  /** An http(s) origin, without path: `http://frigate:5000`. */
  origin(name: string, fallback: string): URL {
    const value = this.optional(name) ?? fallback
    const url = URL.parse(value)
    if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.hash)
      throw badSetting(name, value, 'an address such as http://frigate:5000')
    return url
  }
}

/** Schemes that the URL standard does not know have an opaque origin there; apps send `capacitor://localhost`. */
function originOf(text: string): string | undefined {
  if (text === '*') return text
  const url = URL.parse(text)
  if (!url?.host || /[*@?#]/.test(text) || !/^\/?$/.test(url.pathname)) return undefined
  return url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin
}
