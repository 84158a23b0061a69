import t from 'tap'
import { readConfig } from '../src/config/config.ts'

t.test('a bad setting is named with its value and what is allowed', async t => {
  t.throws(() => readConfig({ PORT: '5003x' }), {
    message: 'PORT="5003x" is not usable: a whole number from 0 to 65535',
  })
  t.throws(() => readConfig({ PORT: '70000' }), { code: 'BAD_SETTING' })
  t.throws(() => readConfig({ LOG_LEVEL: 'loud' }), { message: /LOG_LEVEL="loud".*one of fatal/ })
  t.throws(() => readConfig({ GO2RTC_HOST: 'frigate:1984' }), { message: /GO2RTC_HOST="frigate:1984"/ })
  t.throws(() => readConfig({ WEBRTC: 'yes' }), { message: /one of off, relay/ })
})

t.test('an empty setting counts as unset', async t => {
  t.equal(readConfig({ PORT: '' }).server.port, 5003)
})

t.test('the upper-case log levels of the old backend are taken', async t => {
  t.equal(readConfig({ LOG_LEVEL: 'INFO' }).server.logLevel, 'info')
})
