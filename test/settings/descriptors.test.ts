import t from 'tap'
import { descriptorLimit, divideDescriptors } from '../../src/config/descriptors.ts'

t.test('connections are divided by another limit than the process has', async t => {
  const settings = { maxConnections: undefined, maxRequests: 512 }
  t.same(divideDescriptors(settings, 512), { connections: 256, requests: 128 })
  t.same(divideDescriptors(settings, 1_048_576), { connections: 2048, requests: 512 })
  t.same(divideDescriptors(settings, Number.POSITIVE_INFINITY), { connections: 2048, requests: 512 })
  t.same(divideDescriptors({ ...settings, maxConnections: 300 }, 512), { connections: 300, requests: 128 })
  t.ok(descriptorLimit() > 16)
  t.equal(descriptorLimit('/nowhere'), 1024)
})
