import t from 'tap'
import { AddressSet, isPrivate, networkOf, plainAddress } from '../../src/network/address.ts'

t.test('one client has two addresses, or two have one', async t => {
  const cases: [string, string][] = [
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
    ['::FFFF:0A00:0001', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ]
  for (const [address, network] of cases) t.equal(networkOf(address), network, address)
  t.equal(plainAddress('::ffff:ffff:ffff'), '255.255.255.255')
})

t.test('a proxy counts as listed that is not, or the other way round', async t => {
  const proxies = AddressSet.of(['172.18.0.0/16', '10.0.0.5', 'fd00::/8'])!
  for (const listed of ['172.18.255.1', '::ffff:172.18.0.9', '10.0.0.5', '::ffff:a00:5', 'fd12::1'])
    t.ok(proxies.has(listed), listed)
  for (const other of ['172.19.0.1', '10.0.0.6', 'fe80::1%eth0', '::1', '', 'nonsense'])
    t.notOk(proxies.has(other), other)
  for (const bad of ['10.0.0.0/33', '10.0.0/8', 'fd00::/129', '10.0.0.0/8/8', '10.0.0.0/', 'caddy'])
    t.equal(AddressSet.of([bad]), undefined, bad)
  t.ok(isPrivate('fe80::1%eth0'))
  t.notOk(isPrivate('203.0.113.5'))
})
