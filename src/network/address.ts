import { BlockList, isIP, isIPv6 } from 'node:net'

/** An IPv4 address that came in as IPv6 (`::ffff:10.0.0.1` or `::ffff:a00:1`, RFC 4291, 2.5.5.2) as what it is. */
export function plainAddress(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (dotted) return dotted[1]!
  const groups = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/i.exec(address)
  if (!groups) return address
  return groups
    .slice(1)
    .map(group => Number.parseInt(group, 16))
    .flatMap(group => [group >> 8, group & 255])
    .join('.')
}

/** Whom one address stands for: itself, or with IPv6 its /64 (RFC 6177 gives every household at least one). */
export function networkOf(address: string): string {
  const plain = plainAddress(address)
  return isIPv6(plain) ? `${firstGroups(plain, 4).join(':')}::/64` : plain
}

/** The first groups of an IPv6 address, without leading zeros (RFC 5952, 4.1). */
function firstGroups(address: string, count: number): string[] {
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const dotted = after.at(-1)?.includes('.') || before.at(-1)?.includes('.') ? 1 : 0
  const gap = tail === undefined ? 0 : 8 - before.length - after.length - dotted
  const groups = [...before, ...Array<string>(Math.max(0, gap)).fill('0'), ...after]
  return groups.slice(0, count).map(group => Number.parseInt(group, 16).toString(16))
}

/** A set of addresses and networks (`192.168.0.0/16`, `fd00::/8`). */
export class AddressSet {
  readonly #list = new BlockList()

  /** `undefined` if `entry` is neither an address nor a network. */
  static of(entries: readonly string[]): AddressSet | undefined {
    const set = new AddressSet()
    return entries.every(entry => set.#add(entry)) ? set : undefined
  }

  has(address: string): boolean {
    const plain = plainAddress(address)
    const family = isIP(plain)
    return family !== 0 && this.#list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
  }

  #add(entry: string): boolean {
    const [address = '', prefix, ...rest] = entry.split('/')
    const family = isIP(address)
    if (family === 0 || rest.length > 0) return false
    const type = family === 6 ? 'ipv6' : 'ipv4'
    const bits = prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix)
    if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return false
    if (bits > (family === 6 ? 128 : 32)) return false
    this.#list.addSubnet(address, bits, type)
    return true
  }
}

/** This machine. */
export const loopback = AddressSet.of(['127.0.0.0/8', '::1'])!

/** Networks that are nobody's on the internet: RFC 1918, 4193, 6598, loopback and link-local. */
const privateNetworks = AddressSet.of([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '::1',
  'fc00::/7',
  'fe80::/10',
])!

export function isPrivate(address: string): boolean {
  return privateNetworks.has(address)
}

export function isAddress(text: string): boolean {
  return isIP(text) !== 0
}
